package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Dates as people read them, in the languages of the pages. The libraries know
// how to match languages, not how to write a day.

// clock is a time of day, "" for none.
func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("15:04")
}

func weekday(lang string, d time.Weekday) string {
	if lang == "de" {
		return [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}[d]
	}
	return d.String()
}

func month(lang string, m time.Month) string {
	if lang == "de" {
		return [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
			"November", "Dezember"}[m-1]
	}
	return m.String()
}

// longDate is "22 November 2026, 10:44", or "22. November 2026, 10:44".
func longDate(lang string, t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%s %s %d, %s", dayNumber(lang, t), month(lang, t.Month()), t.Year(), t.Format("15:04"))
}

func dayNumber(lang string, t time.Time) string {
	if lang == "de" {
		return strconv.Itoa(t.Day()) + "."
	}
	return strconv.Itoa(t.Day())
}

// shortDate is "22 Nov", or "22. Nov".
func shortDate(lang string, t time.Time, zone *time.Location) string {
	t = t.In(zone)
	name := []rune(month(lang, t.Month()))
	return dayNumber(lang, t) + " " + string(name[:min(3, len(name))])
}

// heading is "Sunday 22", or "Sonntag 22.".
func heading(lang string, t time.Time) string {
	return weekday(lang, t.Weekday()) + " " + dayNumber(lang, t)
}

// when is "today, 10:30", "tomorrow, 9:00" or "22 Nov, 10:30".
func when(lang string, t, now time.Time, zone *time.Location) string {
	at := ", " + clock(t, zone)
	today := dayOf(now.In(zone).Format(time.DateOnly))
	words := map[string][3]string{"de": {"heute", "morgen", "gestern"}}[lang]
	if words[0] == "" {
		words = [3]string{"today", "tomorrow", "yesterday"}
	}
	for i, other := range []int{0, 1, -1} {
		if t.In(zone).Format(time.DateOnly) == today.AddDate(0, 0, other).Format(time.DateOnly) {
			return words[i] + at
		}
	}
	return shortDate(lang, t, zone) + at
}

// capital makes a text begin a sentence.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// duration is how long somebody has to wait: "40 s" or "3 min".
func duration(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	if d < 90*time.Second {
		return seconds(d) + " s"
	}
	return strconv.Itoa(int((d+time.Minute-1)/time.Minute)) + " min"
}

// thousands is a number of things with its thousands set apart.
func thousands(lang string, n int) string {
	digits, mark := strconv.Itoa(n), ","
	if lang == "de" {
		mark = "."
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + mark + digits[at:]
	}
	return digits
}

func count(n int64) string { return strconv.FormatInt(n, 10) }
