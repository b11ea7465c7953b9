//go:build !race

package daemon_test

// histories is how many days are simulated.
const histories = 300

// vendorHistories is how many of them at each vendor's stand-in.
const vendorHistories = 60
