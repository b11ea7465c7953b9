package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"countersign/daemon"
	"countersign/store"
)

// readable says which settings are used, and whether what they name can be read.
func (d doctor) readable() diagnosis {
	if _, err := d.settings.senders(); errors.Is(err, fs.ErrPermission) {
		return warn("settings", err.Error()+".", "Ask as the user that the daemon runs as, or with sudo.")
	} else if err != nil {
		return fail("settings", err.Error(), "Mend what is named. The daemon doesn't start like this.")
	}
	if _, err := os.Stat(d.settings.File); err != nil {
		return ok("settings", "There is no %s: everything is as usual.", d.settings.File)
	}
	return ok("settings", "%s is valid.", d.settings.File)
}

// folder looks at the data folder: that it is there, whose it is, who may read
// it, and how much room is left.
func (d doctor) folder() []diagnosis {
	data := d.settings.Data
	info, err := os.Stat(data)
	if errors.Is(err, fs.ErrNotExist) {
		return []diagnosis{fail("data", "There is no data in "+data+".", "Start Countersign once, or name its folder with --data.")}
	}
	f, opened := os.Open(data)
	if err = errors.Join(err, opened); err != nil {
		return []diagnosis{fail("data", data+" can't be looked at by this user.", "Ask as the user whose data it is, or with sudo.")}
	}
	f.Close()
	if !info.IsDir() {
		return []diagnosis{fail("data", data+" is no folder.", "Name the folder of the data with --data.")}
	}
	return append([]diagnosis{kept(data, info)}, d.room()...)
}

// kept looks at who may read the data, and whether all of it is one user's.
func kept(data string, info fs.FileInfo) diagnosis {
	var open, strange []string
	owner := ownerOf(info)
	err := filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		file, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the daemon is at work
		}
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(data, path)
		if file.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
			open = append(open, name)
		}
		if ownerOf(file) != owner {
			strange = append(strange, name)
		}
		return nil
	})
	switch {
	case err != nil:
		return fail("data", fmt.Sprintf("%s can't be read by this user: %v.", data, err), "Ask as the user whose data it is, or with sudo.")
	case len(open) > 0:
		return fail("data", fmt.Sprintf("Others on this computer may read %s in %s.", few(open), data), "chmod -R go= "+data)
	case len(strange) > 0:
		return fail("data", fmt.Sprintf("%s belongs to %s, but %s in it doesn't: the daemon may not be able to write there.", data, owner, few(strange)), fmt.Sprintf("sudo chown -R %s %s", owner, data))
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return warn("data", "Others on this computer may look into "+data+". They can't read what is in it.", "chmod 700 "+data)
	case owner == "":
		return ok("data", "%s can be read.", data)
	}
	return ok("data", "%s belongs to %s, and nobody else can read it.", data, owner)
}

// few names the first of many.
func few(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// How much room has to be left: below the first a day of payments may not fit
// any more, and below the second a backup may not.
const (
	roomLeast  = 100 << 20
	roomEnough = 1 << 30
)

// room looks at how much is left on the data's disk.
func (d doctor) room() []diagnosis {
	left, err := freeSpace(d.settings.Data)
	if err != nil {
		return nil
	}
	var size int64
	if info, err := os.Stat(daemon.File(d.settings.Data)); err == nil {
		size = info.Size()
	}
	return []diagnosis{roomOf(left, uint64(size))}
}

func roomOf(left, size uint64) diagnosis {
	switch {
	case left < max(roomLeast, size/10):
		return fail("disk", fmt.Sprintf("Only %s are left on the disk of the data.", bytesOf(left)), "Make room now: what can't be stored isn't booked.")
	case left < max(roomEnough, 2*size):
		return warn("disk", fmt.Sprintf("%s are left on the disk of the data, which take %s.", bytesOf(left), bytesOf(size)), "Make room soon: a backup needs as much again.")
	}
	return ok("disk", "%s are left on the disk of the data, which take %s.", bytesOf(left), bytesOf(size))
}

func bytesOf(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.0f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d kB", (n+1<<10-1)>>10)
}

// store looks into the data: by the daemon if it runs, and otherwise without
// changing a byte. Nothing is said again where there is no folder.
func (d doctor) store(ctx context.Context) (*daemon.Checkup, *diagnosis) {
	ctx, cancel := context.WithTimeout(ctx, asksWithin)
	defer cancel()
	var c daemon.Checkup
	var err error
	if d.running {
		c, err = dialControl(d.settings.Data).checkup(ctx)
	} else {
		if info, err := os.Stat(daemon.File(d.settings.Data)); err != nil || info.Size() == 0 {
			return nil, d.empty()
		}
		senders, _ := d.settings.senders() // told of already
		s := d.settings
		c, err = daemon.CheckupStopped(ctx, daemon.Config{Senders: senders, Data: s.Data, PublicURL: publicURL(s, listened(s.Listen)),
			Sandbox: s.Sandbox, Kinds: d.kinds, Credentials: os.Getenv("CREDENTIALS_DIRECTORY")})
	}
	if err != nil {
		f := unopened(err)
		return nil, &f
	}
	f := ok("store", "The data can be read. countersign verify holds every invariant against them.")
	return &c, &f
}

func (d doctor) empty() *diagnosis {
	if _, err := os.Stat(d.settings.Data); err != nil {
		return nil
	}
	f := fail("store", "There is no data in "+d.settings.Data+" yet.", "Start Countersign once, or name its folder with --data.")
	return &f
}

// unopened says why the data can't be looked into.
func unopened(err error) diagnosis {
	switch {
	case errors.Is(err, store.ErrOlder):
		return warn("store", err.Error(), "Start Countersign, and ask again.")
	case errors.Is(err, store.ErrLocked):
		return fail("store", "Another program has the data open, and doesn't answer.", "If it is Countersign as a service, ask with sudo. If it hangs: countersign service restart")
	case errors.Is(err, fs.ErrPermission):
		return fail("store", "The data can't be read by this user.", "Ask as the user whose data it is, or with sudo.")
	case errors.Is(err, store.ErrDamaged):
		return fail("store", err.Error(), "Don't start the daemon on it before that.")
	}
	return fail("store", sentence(err), "Keep the file as it is until that is done.")
}

// program tells whether the daemon that runs is this program.
func (d doctor) program() []diagnosis {
	switch {
	case !d.running:
		return []diagnosis{warn("program", "Countersign doesn't run.", "countersign service start, or countersign run")}
	case d.at.Version != version:
		return []diagnosis{warn("program", fmt.Sprintf("Countersign %s runs, and this is %s.", d.at.Version, version), "Restart it, if it was updated: countersign service restart")}
	}
	return []diagnosis{ok("program", "Countersign %s runs (process %d).", version, d.at.PID)}
}
