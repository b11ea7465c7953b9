package desk

import "time"

// dayBounds returns the first moment of a day in a zone and that of the next
// day; zero times for what isn't a date. Days are 23 to 25 hours long.
func dayBounds(date string, zone *time.Location) (from, to time.Time) {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return time.Time{}, time.Time{}
	}
	return firstMoment(day, zone), firstMoment(day.AddDate(0, 0, 1), zone)
}

// firstMoment is when a day, given as its midnight in UTC, begins in a zone.
// Where clocks change at midnight there is none (Santiago, Cairo), or there are
// two (Havana), and time.Date may answer with a moment of the day before.
func firstMoment(day time.Time, zone *time.Location) time.Time {
	for _, near := range []time.Time{day.Add(-24 * time.Hour), day.Add(24 * time.Hour)} {
		_, offset := near.In(zone).Zone()
		midnight := day.Add(-time.Duration(offset) * time.Second).In(zone)
		if midnight.Format(time.DateTime) == day.Format(time.DateTime) {
			return midnight // by the clock before the change, if there was one
		}
	}
	_, change := day.Add(-24 * time.Hour).In(zone).ZoneBounds()
	return change
}

// Today returns the date of now in the location's zone.
func (l Location) Today(now time.Time) string { return now.In(l.Clock()).Format(time.DateOnly) }
