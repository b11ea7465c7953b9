package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"countersign/store"
	"countersign/store/storetest"
)

// TestFaultCutsThePower: at each stage the transaction is there after a restart or it is not, and until then the DB
// refuses everything.
func TestFaultCutsThePower(t *testing.T) {
	for _, c := range []struct {
		stage store.Stage
		want  uint64
	}{{store.BeforeCommit, 1}, {store.AfterCommit, 2}} {
		t.Run(fmt.Sprint(c.stage), func(t *testing.T) {
			s, armed := newShop(), false
			o := s.options()
			o.Fault = func(at store.Stage) error {
				if armed && at == c.stage {
					return errStop
				}
				return nil
			}
			db := storetest.Open(t, o)
			appendOne := func(tx *store.Tx) error { _, err := s.ledger.Append(tx, "x"); return err }
			update(t, db, appendOne)
			armed = true
			if err := db.Update(appendOne); !errors.Is(err, errStop) {
				t.Errorf("the cut Update: %v", err)
			}
			armed = false
			for name, err := range map[string]error{
				"View": db.View(func(*store.Tx) error { return nil }), "Update": db.Update(appendOne), "Check": db.Check(),
				"Backup": db.Backup(filepath.Join(t.TempDir(), "b")), "Dump": db.Dump(os.Stderr),
			} {
				if !errors.Is(err, errStop) {
					t.Errorf("%s after the cut: %v", name, err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			again := reopened(t, db.Path(), s.options())
			view(t, again, func(tx *store.Tx) error {
				if n, err := s.ledger.Last(tx); n != c.want || err != nil {
					t.Errorf("%d entries after the restart, want %d, %v", n, c.want, err)
				}
				return nil
			})
		})
	}
}

func reopened(t *testing.T, path string, o store.Options) *store.DB {
	t.Helper()
	o.NoSync = true
	db, err := store.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestMain is also the victim of TestKilled.
func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_VICTIM"); path != "" {
		fmt.Println(victim(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// victim writes until it is killed, and says what it has committed.
func victim(path string) error {
	s := newShop()
	db, err := store.Open(path, s.options())
	if err != nil {
		return err
	}
	for {
		var seq uint64
		err := db.Update(func(tx *store.Tx) (err error) {
			if seq, err = s.ledger.Append(tx, strings.Repeat("x", 500)); err != nil {
				return err
			}
			id := fmt.Sprint(seq % 50)
			return errors.Join(s.bookings.Put(tx, booking{ID: id, Day: fmt.Sprint(seq)}),
				s.jobs.Done(tx, id), s.jobs.Add(tx, id, tx.Now(), "v"))
		})
		if err != nil {
			return err
		}
		fmt.Println(seq)
	}
}

// TestKilled: R18. Whatever moment the process dies at, nothing it reported is lost and nothing is half there.
func TestKilled(t *testing.T) {
	s, path := newShop(), filepath.Join(t.TempDir(), "store.db")
	for round := range 8 {
		said := kill(t, path, 3+round*7)
		db := reopened(t, path, s.options())
		if err := db.Check(); err != nil {
			t.Fatal(err)
		}
		view(t, db, func(tx *store.Tx) error {
			last, err := s.ledger.Last(tx)
			if last < said {
				t.Errorf("it said %d was written, the file has %d", said, last)
			}
			return err
		})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// kill runs a victim until it has committed n times, kills it, and returns the last commit it spoke of.
func kill(t *testing.T, path string, n int) (last uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "STORE_TEST_VICTIM="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); n-- {
		if last, err = strconv.ParseUint(lines.Text(), 10, 64); err != nil {
			t.Errorf("the victim said: %s", lines.Text())
		}
		if n == 0 {
			// And read on: what it still managed to say counts.
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait()
	return last
}
