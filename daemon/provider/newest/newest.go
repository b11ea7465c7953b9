// Package newest reads a provider's events, oldest first, where it lists them
// newest first and knows no other order.
//
// A backlog is read window by window of time: each is made so narrow that it
// fits a page, which is turned round. An event's id is no good as a cursor: a
// provider forgets it, and what is listed late is behind it. The last of the
// list is therefore read again each time, and what was told of it is left out.
package newest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"countersign/daemon/provider"
)

const mostPages = 100 // of a second that has no end

// List is such a list. Times are whole seconds by the provider's clock.
type List[T any] struct {
	// Ask lists at most limit events from a time to before another, 0 for no
	// bound, that come after an id, "" for the newest; and whether there are more.
	Ask func(ctx context.Context, from, to int64, after string, limit int) (events []T, more bool, err error)
	ID  func(T) string // of letters, digits and underscores
	At  func(T) int64

	Prefix string // of every ID

	Kept    int64 // for how long the provider lists an event
	Overlap int64 // how late it may list one
}

// place is how far the list was read.
type place struct {
	settled int64 // all before it was told, and nothing comes in there any more
	next    int64 // all before it was told
	width   int64 // of the window that comes next; 0 has no end
	newest  int64 // the newest event when the backlog was begun

	told []string // which after settled were: a cursor that moves wakes everybody
}

const form = "v1"

// String is the cursor.
func (p place) String() string {
	return strings.Join(append([]string{fmt.Sprintf("%s.%d.%d.%d.%d", form, p.settled, p.next, p.width, p.newest)}, p.told...), ".")
}

func (l List[T]) place(cursor string) (p place, err error) {
	if cursor == "" {
		return place{}, nil
	}
	fields := strings.Split(cursor, ".")
	numbers := []*int64{&p.settled, &p.next, &p.width, &p.newest}
	if len(fields) > len(numbers) {
		for i, to := range numbers {
			n, err := strconv.ParseUint(fields[i+1], 10, 40)
			*to = int64(n)
			if err != nil {
				return place{}, provider.Errorf(provider.Refused, "the cursor is not one of ours")
			}
		}
		p.told = fields[len(numbers)+1:]
	}
	if p.String() != cursor || slices.ContainsFunc(p.told, func(id string) bool { return !strings.HasPrefix(id, l.Prefix) || strings.ContainsAny(id, " \n") }) {
		return place{}, provider.Errorf(provider.Refused, "the cursor is not one of ours")
	}
	return p, nil
}

// end is where the window ends; 0 is nowhere.
func (p place) end() int64 {
	if p.width == 0 || p.next+p.width > p.newest {
		return 0
	}
	return p.next + p.width
}

// Read returns what is listed after the cursor, oldest first and without what
// was told; "" is as far back as the provider lists. Of a backlog it is one
// window at a time: then there is more. A cursor that isn't one is Refused.
func (l List[T]) Read(ctx context.Context, cursor string, limit int) (events []T, next string, more bool, err error) {
	p, err := l.place(cursor)
	if err != nil {
		return nil, "", false, err
	}
	list, p, err := l.window(ctx, p, limit)
	if err != nil {
		return nil, "", false, err
	}
	after := p
	if more = p.width != 0; more {
		after.advance(len(list), limit, l.Kept)
	} else {
		after = l.caughtUp(p, list)
	}
	for _, e := range slices.Backward(list) {
		if !slices.Contains(p.told, l.ID(e)) {
			events = append(events, e)
		}
	}
	return events, after.String(), more, nil
}

// advance goes to the window after one that was read, wider if few were in it.
func (p *place) advance(found, limit int, widest int64) {
	if p.next = p.end(); found*2 <= limit {
		p.width = min(p.width*4, widest)
	}
}

// caughtUp is where to begin the next time, when there was nothing after a list.
func (l List[T]) caughtUp(p place, list []T) place {
	newest := p.newest
	if len(list) > 0 {
		newest = max(newest, l.At(list[0]))
	}
	next := place{settled: max(p.settled, newest-l.Overlap)}
	next.next = next.settled
	for _, e := range list {
		if l.At(e) >= next.settled {
			next.told = append(next.told, l.ID(e))
		}
	}
	return next
}

// window reads all events of the next window, newest first, and narrows it
// until they fit a page. A second with more than that is read in pages.
func (l List[T]) window(ctx context.Context, p place, limit int) ([]T, place, error) {
	for {
		list, more, err := l.Ask(ctx, p.next, p.end(), "", limit)
		if err != nil || !more {
			if p.end() == 0 {
				p.width = 0
			}
			return list, p, err
		}
		if p.end() == 0 {
			p.newest = l.At(list[0]) + 1
			p.next = max(p.next, p.newest-l.Kept) // nothing is older
			p.width = p.newest - p.next
		}
		if p.width <= 1 {
			list, err = l.second(ctx, p.next, list, limit)
			return list, p, err
		}
		// As wide as what the page reached over; a call in which nothing is
		// gained costs more than a window that widens step by step.
		p.width = max(1, min(p.width/2, l.At(list[0])-l.At(list[len(list)-1])))
	}
}

// second reads the rest of a second of which there is more than a page.
func (l List[T]) second(ctx context.Context, at int64, list []T, limit int) ([]T, error) {
	for range mostPages {
		rest, more, err := l.Ask(ctx, at, at+1, l.ID(list[len(list)-1]), limit)
		if err != nil {
			return nil, err
		}
		if list = append(list, rest...); !more {
			return list, nil
		}
	}
	return nil, provider.Errorf(provider.Unavailable, "a list without an end")
}
