package daemon

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/access"
	"countersign/daemon/desk"
	"countersign/daemon/id"
	"countersign/daemon/vault"
	"countersign/daemon/webhook"
)

// How long a secret that was renewed keeps signing beside the new one, how many
// such there are at most, and how long staff wait for the answer to a test.
const (
	oldSecretTime = 24 * time.Hour
	mostOld       = 4
	testTime      = 6 * time.Second
)

// kept is where a receiver's secrets are in the vault.
func kept(which id.Subscriber) string {
	return "receiver-" + strings.TrimPrefix(string(which), "w_")
}

// AddReceiver adds other software that is told of events from now on. The
// secret that it checks signatures with is returned here and never again. It is
// on the disk before the receiver is.
func (d *Daemon) AddReceiver(a access.Actor, url string, types []string) (s desk.Subscriber, secret string, err error) {
	if s, err = d.desk.NewSubscriber(a, url, types); err != nil {
		return desk.Subscriber{}, "", err
	}
	if secret, err = webhook.NewSecret(d.cfg.Rand); err != nil {
		return desk.Subscriber{}, "", err
	}
	if err := d.vault.Put(kept(s.ID), map[string]string{"secret": secret}); err != nil {
		return desk.Subscriber{}, "", err
	}
	if s, err = d.desk.AddSubscriber(a, s); err != nil {
		return desk.Subscriber{}, "", errors.Join(err, d.vault.Remove(kept(s.ID)))
	}
	return s, secret, nil
}

// RenewReceiver gives a receiver another secret, which is returned here and
// never again. The one before signs beside it for a day.
func (d *Daemon) RenewReceiver(a access.Actor, which id.Subscriber) (secret string, err error) {
	if err := d.desk.CanRenew(a, which); err != nil {
		return "", err
	}
	d.renewing.Lock()
	defer d.renewing.Unlock()
	was, err := d.vault.Get(kept(which))
	if err != nil {
		was = nil // one that can't be read has to be renewed all the more
	}
	if secret, err = webhook.NewSecret(d.cfg.Rand); err != nil {
		return "", err
	}
	now := time.Now()
	next := map[string]string{"secret": secret}
	old := stillGood(was["old"], now)
	if was["secret"] != "" {
		old = append([]string{strconv.FormatInt(now.Add(oldSecretTime).Unix(), 10) + " " + was["secret"]}, old...)
	}
	if next["old"] = strings.Join(old[:min(mostOld, len(old))], "\n"); next["old"] == "" {
		delete(next, "old")
	}
	if err := d.vault.Put(kept(which), next); err != nil {
		return "", err
	}
	if err := d.desk.SecretRenewed(a, which); err != nil {
		if was != nil {
			err = errors.Join(err, d.vault.Put(kept(which), was))
		}
		return "", err
	}
	return secret, nil
}

// stillGood are the lines "until secret" whose time isn't over.
func stillGood(lines string, now time.Time) (good []string) {
	for line := range strings.SplitSeq(lines, "\n") {
		until, _, _ := strings.Cut(line, " ")
		if seconds, err := strconv.ParseInt(until, 10, 64); err == nil && now.Before(time.Unix(seconds, 0)) {
			good = append(good, line)
		}
	}
	return good
}

// receiverSecrets are what a receiver's messages are signed with now, the
// newest first.
func (d *Daemon) receiverSecrets(which id.Subscriber) ([]string, error) {
	secrets, err := d.vault.Get(kept(which))
	if err != nil {
		return nil, err
	}
	if secrets["secret"] == "" {
		return nil, vault.ErrNone
	}
	all := []string{secrets["secret"]}
	for _, line := range stillGood(secrets["old"], time.Now()) {
		_, old, _ := strings.Cut(line, " ")
		all = append(all, old)
	}
	return all, nil
}

// RemoveReceiver forgets a receiver, its messages and its secrets.
func (d *Daemon) RemoveReceiver(a access.Actor, which id.Subscriber) error {
	if err := d.desk.RemoveSubscriber(a, which); err != nil {
		return err
	}
	return d.vault.Remove(kept(which))
}

// TestReceiver sends a test message and waits a few seconds for what comes of
// it. The message may still be waiting then.
func (d *Daemon) TestReceiver(ctx context.Context, a access.Actor, which id.Subscriber) (desk.Message, error) {
	m, err := d.desk.SendTest(a, which)
	if err != nil {
		return desk.Message{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	for {
		changed := d.desk.Changed()
		if m, err = d.desk.MessageByID(a, m.ID); err != nil || m.State != desk.MessageWaiting {
			return m, err
		}
		select {
		case <-ctx.Done():
			return m, nil
		case <-changed:
		}
	}
}
