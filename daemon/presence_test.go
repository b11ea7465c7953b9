package daemon_test

import (
	"testing"
	"testing/synctest"
	"time"

	"countersign/daemon/desk"
)

// R29: a plug that is pulled reaches every tablet, once, and so does the plug
// that is put back: "on screen" is never said of a dark glass for long.
func TestR29PulledPlugReachesTheTablets(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, 1)
		defer w.close()
		w.furnish()
		w.glass = w.hang()
		w.pair()
		time.Sleep(time.Minute)
		last, err := w.d.Desk().LastChange()
		if err != nil {
			t.Fatal(err)
		}
		heard := func() (said string) {
			changes, err := w.d.Desk().Changes(last, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range changes {
				last = c.Seq
				if c.Value.Type == desk.DisplayChanged {
					said += c.Value.Data.State + " " + c.Value.Data.Name + " at " + string(c.Value.Data.Desk) + ";"
				}
			}
			return said
		}
		w.glass.stop()
		time.Sleep(30 * time.Second)
		if said := heard(); said != "offline Reception 1 at front;" {
			t.Errorf("after pulling the plug: %q", said)
		}
		time.Sleep(time.Hour)
		w.glass.plugIn()
		time.Sleep(5 * time.Second)
		if said := heard(); said != "online Reception 1 at front;" {
			t.Errorf("after putting it back: %q", said)
		}
		time.Sleep(time.Hour)
		if said := heard(); said != "" {
			t.Errorf("in a quiet hour: %q", said)
		}
	})
}
