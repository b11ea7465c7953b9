package store

import (
	"sync"
	"time"
)

// Pace is how commits have gone since the file was opened. Within counts those that took no longer than each limit, so
// that a longer limit's count includes the shorter ones'.
type Pace struct {
	Commits uint64
	Took    time.Duration // all of them together
	Within  map[time.Duration]uint64
}

// paceLimits are the durations that a commit is held against: a quick disk's fsync, a slow one's, and what people notice.
func paceLimits() []time.Duration {
	const ms = time.Millisecond
	return []time.Duration{ms, 2 * ms, 5 * ms, 10 * ms, 25 * ms, 50 * ms, 100 * ms, 250 * ms, time.Second, 5 * time.Second}
}

// stopwatch counts commits; it has a lock of its own, so that reading it never waits for a writer.
type stopwatch struct {
	mu   sync.Mutex
	pace Pace
}

func (s *stopwatch) lap(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pace.Within == nil {
		s.pace.Within = map[time.Duration]uint64{}
	}
	s.pace.Commits++
	s.pace.Took += took
	for _, limit := range paceLimits() {
		if took <= limit {
			s.pace.Within[limit]++
		}
	}
}

// Pace tells how commits have gone since the file was opened. Every limit is there, those without a commit too.
func (db *DB) Pace() Pace {
	db.laps.mu.Lock()
	defer db.laps.mu.Unlock()
	p := db.laps.pace
	p.Within = map[time.Duration]uint64{}
	for _, limit := range paceLimits() {
		p.Within[limit] = db.laps.pace.Within[limit]
	}
	return p
}

// Size is how large the file is, in bytes. It doesn't shrink: what was removed is room for what comes.
func (db *DB) Size() (int64, error) {
	if err := db.refused(); err != nil {
		return 0, err
	}
	btx, err := db.begin(false)
	if err != nil {
		return 0, err
	}
	defer btx.Rollback()
	return btx.Size(), nil
}
