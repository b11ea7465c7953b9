package desk

import (
	"time"

	"countersign/store"
)

// Store gives tests the file under a Desk.
func Store(d *Desk) *store.DB { return d.db }

// Audited is the number of the newest line of the audit log.
func Audited(d *Desk) (n uint64, err error) {
	err = d.view(func(o *op) error {
		n, err = o.audit.Last(o.tx)
		return err
	})
	return n, err
}

// QuietAt is Idle.quietAt.
func QuietAt(i Idle, t time.Time) bool { return i.quietAt(t) }
