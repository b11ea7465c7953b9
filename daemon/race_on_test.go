//go:build race

package daemon_test

// histories is how many days are simulated under the race detector, which
// makes a day five times as long; `make test` runs the whole number without it.
const histories = 60

// vendorHistories is how many of them at each vendor's stand-in.
const vendorHistories = 12
