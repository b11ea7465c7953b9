package store

import (
	"errors"
	"fmt"
)

// What Open refuses and what operations answer; compare with errors.Is. The texts of Open's refusals are sentences
// that name the file and say what to do.
var (
	ErrLocked  = errors.New("the file is in use by another process")
	ErrNewer   = errors.New("the file was written by a newer version")
	ErrOlder   = errors.New("the file was written by an older version")
	ErrForeign = errors.New("the file is not ours")
	ErrDamaged = errors.New("the file is damaged")
	ErrClosed  = errors.New("the store is closed")
	ErrExists  = errors.New("the file exists already")
	ErrTaken   = errors.New("the value is taken by another record")
)

var errReadOnly = errors.New("store: a View only reads")

// refusal is a sentence for people that is also one of the errors above.
type refusal struct {
	kind  error
	text  string
	cause error
}

func (r *refusal) Error() string { return r.text }

func (r *refusal) Unwrap() []error {
	if r.cause == nil {
		return []error{r.kind}
	}
	return []error{r.kind, r.cause}
}

func locked(path, program string, cause error) error {
	return &refusal{ErrLocked, fmt.Sprintf("%s is in use by another process: "+
		"stop the other %s, or wait until it has finished, and start again.", path, program), cause}
}

func newer(path, program string, has, knows int) error {
	return &refusal{ErrNewer, fmt.Sprintf("%s was written by a newer %s (schema %d, this one knows up to %d): "+
		"install the newer version again, or restore the copy made before the upgrade, %s.pre-upgrade-v%d-….",
		path, program, has, knows, path, knows), nil}
}

func older(path, program string) error {
	return &refusal{ErrOlder, fmt.Sprintf("%s was written by an older %s: it is brought up to date when that starts the next time.", path, program), nil}
}

func foreign(path, program, why string, cause error) error {
	return &refusal{ErrForeign, fmt.Sprintf("%s is not a database of %s (%s): "+
		"name another file, or move this one away. It was not touched.", path, program, why), cause}
}

func damaged(path string, cause error) error {
	return &refusal{ErrDamaged, fmt.Sprintf("%s is damaged (%v): "+
		"keep a copy of it, and restore the newest backup.", path, cause), cause}
}
