package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/provider/sandbox"
)

// openSandbox opens the built-in provider: a server with a file of its own,
// and the client that speaks to it over HTTP.
func (d *Daemon) openSandbox() (provider.Provider, error) {
	key, secret, err := d.sandboxKeys()
	if err != nil {
		return nil, err
	}
	server, err := sandbox.OpenServer(filepath.Join(d.cfg.Data, "sandbox.db"), sandbox.ServerOptions{
		Key: key, Secret: secret, PublicURL: d.cfg.PublicURL, HookURL: d.cfg.Local + "/hooks/sandbox",
		Rand: d.cfg.Rand, NoSync: d.cfg.NoSync, HTTP: d.cfg.HTTP,
	})
	if err != nil {
		return nil, err
	}
	d.sandbox = server
	return sandbox.New(sandbox.Config{Base: d.cfg.Local, Key: key, Secret: secret, HTTP: d.cfg.HTTP}), nil
}

// sandboxKeys returns the key and the secret shared with the sandbox, made at
// the first start and kept in a file that only the daemon's user can read.
func (d *Daemon) sandboxKeys() (key, secret string, err error) {
	path := filepath.Join(d.cfg.Data, "sandbox.key")
	b, err := os.ReadFile(path)
	if key, secret, ok := strings.Cut(strings.TrimSpace(string(b)), " "); ok {
		return key, secret, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", "", fmt.Errorf("sandbox keys: %w", err)
	}
	ids := id.NewSource(d.cfg.Rand)
	key, secret = ids.Secret(), ids.Secret()
	if err := os.WriteFile(path, []byte(key+" "+secret+"\n"), 0o600); err != nil {
		return "", "", fmt.Errorf("sandbox keys: %w", err)
	}
	return key, secret, nil
}

// costume is what the sandbox's pages take from the location.
type costume struct{ name, address string }

// dressSandbox lets the sandbox's pages follow the location's name and address.
func (d *Daemon) dressSandbox(worn *costume) {
	if d.sandbox == nil {
		return
	}
	loc, err := d.desk.Location()
	if err != nil {
		return
	}
	base, err := d.desk.PublicURL()
	if next := (costume{loc.Name, base}); err == nil && next != *worn {
		d.sandbox.SetBrand(next.name)
		d.sandbox.SetPublicURL(next.address)
		*worn = next
	}
}
