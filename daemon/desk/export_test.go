package desk

import "countersign/store"

// Store gives tests the file under a Desk.
func Store(d *Desk) *store.DB { return d.db }
