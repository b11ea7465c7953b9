// Package visit breaks the rules of a pure package.
package visit

import (
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"time"

	"countersign/daemon/desk"
	"countersign/store"
)

// Pick uses what a pure package must not.
func Pick() time.Time {
	log.Println(os.Args, http.MethodGet, rand.Int(), desk.Total, store.Path)
	return time.Now()
}
