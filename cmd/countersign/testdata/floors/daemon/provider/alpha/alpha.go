// Package alpha imports another adapter, and tests.
package alpha

import (
	"countersign/daemon/provider"
	"countersign/daemon/provider/beta"
	"countersign/daemon/provider/providertest"
)

// Use uses them; its port it may.
func Use() { provider.Parse(nil); beta.Use(); providertest.Run() }
