// Package store is the one place of bbolt.
package store

import _ "go.etcd.io/bbolt"

// Path has a sentence; the next names have none.
const Path = ""

type Open struct{}

func (Open) Close() {}

type quiet struct{}

func (quiet) Close() {}

var Default = Open{}
