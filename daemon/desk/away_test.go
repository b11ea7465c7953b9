package desk_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
	"countersign/daemon/provider"
)

// forgetful is a provider that recalls a month.
type forgetful struct{ paper }

func (forgetful) Can() provider.Abilities {
	return provider.Abilities{Events: true, Recalls: 30 * 24 * time.Hour}
}

// R35: who comes back after longer than a provider looks back is told, once;
// shorter absences, and providers that recall everything, ask for nobody.
func TestR35LongAway(t *testing.T) {
	for away, want := range map[time.Duration][]string{29 * 24 * time.Hour: nil, 31 * 24 * time.Hour: {desk.LongAway}} {
		synctest.Test(t, func(t *testing.T) {
			s := openAs(t, func(c *desk.Config) {
				c.Providers = map[string]provider.Provider{"stripe": forgetful{}, "other": paper{}}
			})
			s.must(s.Alive())
			time.Sleep(away)
			for range 2 {
				s.must(s.Alive())
			}
			if got := s.raised(); !slices.Equal(got, want) {
				t.Errorf("after %v: raised %v", away, got)
			}
		})
	}
}
