// Package vault keeps what is secret of a payment provider, or of other software
// that is told of events: a file each, beside the database and in none of its
// backups. Nobody but the daemon's user can read the files; on Windows they are sealed by DPAPI besides, so that a
// copy of them opens nowhere else. Where systemd hands over credentials
// (LoadCredential=countersign.stripe:…), these are read instead, and the
// tablet can't change them.
package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// ErrNone is asking for what isn't kept.
var ErrNone = errors.New("vault: nothing kept under that name")

// ErrGiven is changing what systemd has handed over.
var ErrGiven = errors.New("vault: given by the service manager, and can't be changed here")

// maxSize bounds a file: keys are short.
const maxSize = 64 << 10

// Vault is a folder of secrets. Its methods may be called concurrently for
// different names.
type Vault struct{ dir, given string }

// Open returns the vault in a folder, which is made at the first Put. given is
// the folder of systemd's credentials, "" without any.
func Open(dir, given string) *Vault { return &Vault{dir: dir, given: given} }

var nameShape = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// Get returns what is kept under a name, or ErrNone.
func (v *Vault) Get(name string) (map[string]string, error) {
	if !nameShape.MatchString(name) {
		return nil, ErrNone
	}
	if raw, err := v.credential(name); err != nil || raw != nil {
		return decode(name, raw, err)
	}
	raw, err := read(v.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	if err == nil {
		raw, err = unseal(raw)
	}
	return decode(name, raw, err)
}

func decode(name string, raw []byte, err error) (secrets map[string]string, _ error) {
	if err == nil {
		err = json.Unmarshal(raw, &secrets)
	}
	if err != nil {
		// The cause of bad JSON would quote what is secret.
		if !errors.As(err, new(*os.PathError)) {
			err = errors.New("what is kept can't be read")
		}
		return nil, fmt.Errorf("vault: %s: %w", name, err)
	}
	return secrets, nil
}

// Given tells whether the service manager hands over what a name stands for.
func (v *Vault) Given(name string) bool {
	if v.given == "" || !nameShape.MatchString(name) {
		return false
	}
	_, err := os.Stat(filepath.Join(v.given, "countersign."+name))
	return !errors.Is(err, os.ErrNotExist)
}

// Put keeps secrets under a name, in place of what was there. They are on the
// disk when it returns; a crash leaves either what was or what is.
func (v *Vault) Put(name string, secrets map[string]string) error {
	if !nameShape.MatchString(name) {
		return fmt.Errorf("vault: %q can't be a name", name)
	}
	if raw, err := v.credential(name); err != nil || raw != nil {
		return errors.Join(ErrGiven, err)
	}
	raw, err := json.Marshal(secrets)
	if err == nil {
		raw, err = seal(raw)
	}
	if err == nil {
		err = os.MkdirAll(v.dir, 0o700)
	}
	if err == nil {
		err = replace(v.path(name), raw)
	}
	if err != nil {
		return fmt.Errorf("vault: %s: %w", name, err)
	}
	return nil
}

// Remove forgets a name. It is no error if nothing was kept.
func (v *Vault) Remove(name string) error {
	if !nameShape.MatchString(name) {
		return nil
	}
	if raw, err := v.credential(name); err != nil || raw != nil {
		return errors.Join(ErrGiven, err)
	}
	if err := os.Remove(v.path(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("vault: %s: %w", name, err)
	}
	return nil
}

func (v *Vault) path(name string) string { return filepath.Join(v.dir, name+".key") }

// credential is what systemd gave, nil if it gave nothing of that name.
func (v *Vault) credential(name string) ([]byte, error) {
	if v.given == "" {
		return nil, nil
	}
	raw, err := read(filepath.Join(v.given, "countersign."+name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSize {
		return nil, errors.New("too large")
	}
	return os.ReadFile(path)
}

// replace writes a file that nobody else can read, whole or not at all.
func replace(path string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return settle(filepath.Dir(path))
}
