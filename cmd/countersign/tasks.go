package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"countersign/daemon"
	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/store"
)

// order is a task for whoever holds the data: this program, when the daemon is
// stopped, and the running daemon otherwise.
type order struct {
	Task    string        `json:"task"` // verify, token, staff add, staff reset
	Name    string        `json:"name,omitempty"`
	Role    string        `json:"role,omitempty"`
	PIN     string        `json:"pin,omitempty"`
	Rights  string        `json:"rights,omitempty"`
	Expires time.Duration `json:"expires,omitempty"`
}

// answer is what came of it.
type answer struct {
	Problems []desk.Problem `json:"problems,omitempty"`
	Token    string         `json:"token,omitempty"`
	Staff    id.Staff       `json:"staff,omitempty"`
	Name     string         `json:"name,omitempty"`
	PIN      string         `json:"pin,omitempty"`
}

// office carries orders out on an open store.
type office struct {
	desk   *desk.Desk
	verify func() ([]desk.Problem, error)
}

func (f office) carryOut(o order) (a answer, err error) {
	switch o.Task {
	case "verify":
		a.Problems, err = f.verify()
		return a, err
	case "token":
		rights, err := access.ParseRights(o.Rights)
		if err != nil {
			return answer{}, err
		}
		a.Token, err = f.desk.CreateToken(access.System(), o.Name, rights, o.Expires)
		return a, err
	case "staff add", "staff reset":
		return f.saveStaff(o)
	}
	return answer{}, fmt.Errorf("no such task: %s", o.Task)
}

// saveStaff adds somebody, or gives somebody a new PIN; one is made up where
// none is given.
func (f office) saveStaff(o order) (answer, error) {
	people, err := f.desk.StaffList()
	if err != nil {
		return answer{}, err
	}
	draft := desk.StaffDraft{Name: o.Name, Role: access.Role(o.Role), PIN: o.PIN, Active: true}
	at := slices.IndexFunc(people, func(s desk.Staff) bool { return strings.EqualFold(s.Name, o.Name) })
	switch {
	case o.Task == "staff add" && at >= 0:
		return answer{}, fmt.Errorf("there is a %s already; for a new PIN: countersign staff reset --name %q", people[at].Name, people[at].Name)
	case o.Task == "staff reset" && at < 0:
		return answer{}, fmt.Errorf("there is nobody called %s; there are: %s", o.Name, names(people))
	case o.Task == "staff reset":
		draft.ID, draft.Name, draft.Role = people[at].ID, people[at].Name, people[at].Role
	}
	if draft.PIN == "" {
		if draft.PIN, err = newPIN(); err != nil {
			return answer{}, err
		}
	}
	s, err := f.desk.SaveStaff(access.System(), draft)
	return answer{Staff: s.ID, Name: s.Name, PIN: draft.PIN}, err
}

func names(people []desk.Staff) string {
	var list []string
	for _, s := range people {
		list = append(list, s.Name)
	}
	return cmp.Or(strings.Join(list, ", "), "nobody yet")
}

// newPIN makes up four digits.
func newPIN() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(10000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%04d", n), nil
}

// carryOut has an order carried out by the running daemon, or on the file of
// one that is stopped. make tells whether data may be made where there is none.
func (p *program) carryOut(o order, make bool) (a answer, err error) {
	s, err := p.cli.load("")
	if err != nil {
		return answer{}, err
	}
	if _, ok := askStatus(s.Data); ok {
		return dialControl(s.Data).carryOut(o)
	}
	if make {
		if err := os.MkdirAll(s.Data, 0o700); err != nil {
			return answer{}, fmt.Errorf("the data folder can't be made: %w", err)
		}
	}
	err = withStore(s.Data, make, func(db *store.DB) error {
		o2 := office{desk: desk.New(desk.Config{DB: db, IDs: id.NewSource(rand.Reader)}),
			verify: func() ([]desk.Problem, error) { return desk.Verify(db) }}
		if a, err = o2.carryOut(o); err != nil {
			return errors.New(sentence(err))
		}
		return nil
	})
	return a, err
}

// withStore opens the file of a stopped daemon.
func withStore(data string, make bool, fn func(*store.DB) error) (err error) {
	path := daemon.File(data)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !make {
		return fmt.Errorf("there is no data in %s. Name the folder with --data", data)
	}
	db, err := store.Open(path, storeOptions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(db)
}

type verifyCommand struct {
	JSON bool `help:"Print JSON."`
}

// Help is the command's example.
func (verifyCommand) Help() string {
	return example("The daemon may be running or stopped.", "countersign verify --data ./salon")
}

// errProblems is said after the problems were printed.
var errProblems = errors.New("the data is not in order. Keep the file as it is, and restore the last good backup into another folder")

// Run prints what is wrong with the data.
func (c verifyCommand) Run(p *program) error {
	a, err := p.carryOut(order{Task: "verify"}, false)
	if err != nil {
		return err
	}
	if c.JSON {
		if a.Problems == nil {
			a.Problems = []desk.Problem{}
		}
		if err := p.json(map[string]any{"problems": a.Problems}); err != nil {
			return err
		}
	} else {
		for _, problem := range a.Problems {
			fmt.Fprintf(p.stdout, "%s: %s\n", problem.Rule, problem.Text)
		}
	}
	if len(a.Problems) > 0 {
		return errProblems
	}
	if !c.JSON {
		fmt.Fprintln(p.stdout, "Everything is in order.")
	}
	return nil
}

type backupCommand struct {
	File string `arg:"" help:"Where to write the copy. A file that is there stays: it is not replaced."`
	JSON bool   `help:"Print JSON."`
}

// Help is the command's example.
func (backupCommand) Help() string {
	return example("The daemon may be running or stopped.", "countersign backup /mnt/usb/salon-2026-11-22.db")
}

// Run writes a copy and checks it.
func (c backupCommand) Run(p *program) error {
	s, err := p.cli.load("")
	if err != nil {
		return err
	}
	path, err := filepath.Abs(c.File)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is there already; a backup replaces nothing", path)
	}
	if _, ok := askStatus(s.Data); ok {
		err = dialControl(s.Data).backup(path)
	} else {
		err = withStore(s.Data, false, func(db *store.DB) error { return db.Backup(path) })
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.json(map[string]any{"file": path, "bytes": info.Size()})
	}
	fmt.Fprintf(p.stdout, "Wrote and checked %s (%d bytes).\n", path, info.Size())
	return nil
}

// checkCopy holds every invariant against a copy.
func checkCopy(path string) error {
	db, err := store.Open(path, storeOptions())
	if err != nil {
		return err
	}
	problems, err := desk.Verify(db)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	for _, problem := range problems {
		err = errors.Join(err, fmt.Errorf("the copy: %s: %s", problem.Rule, problem.Text))
	}
	return err
}
