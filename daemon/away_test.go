package daemon_test

import (
	"slices"
	"testing"
	"time"

	"countersign/daemon/desk"
)

// R35: a daemon that comes back after longer than Stripe lists what happened says
// so; one that ran, or was off for less, doesn't.
func TestR35AwayForLong(t *testing.T) {
	inClinic(t, func(t *testing.T, c *clinic) {
		for away, want := range map[time.Duration]bool{20 * 24 * time.Hour: false, 40 * 24 * time.Hour: true} {
			time.Sleep(7 * time.Hour) // it runs
			c.shut()
			time.Sleep(away)
			c.start()
			if got := slices.Contains(c.raised(), desk.LongAway); got != want {
				t.Errorf("after %v: told %v", away, got)
			}
			for _, x := range c.all() {
				must(t, c.Desk().Accept(boss, x.ID))
			}
		}
	})
}

func (c *clinic) all() []desk.Attention {
	c.t.Helper()
	list, err := c.Desk().Attention(boss)
	must(c.t, err)
	return list
}
