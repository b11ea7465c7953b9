// Package display drives the screens at a reception: it pairs them, tells them
// what to show, knows what they have really painted, and serves the page they
// run. It knows scenes, never visits or money: a Source says what a display
// should show now, and the hub makes sure that this, and nothing older, is on
// the glass.
//
// A display is a projection of one record. Wake only marks displays dirty; the
// single writer goroutine of each connection looks what the newest scene is and
// sends it whole. What many displays want to know at once is read and encoded
// once: they share a reading that began after they were woken. So a slow screen skips what it missed, a lost
// wake-up costs one heartbeat at most, and no screen ever holds up another.
//
// Files: scene.go what comes in; hub.go the hub; station.go one display;
// board.go one desk; shared.go readings for many; conn.go a socket; witness.go who comes and goes; inbound.go what it says; frame.go the wire; pairing.go
// codes; presence.go who has painted what; http.go the routes; assets.go the
// page's files.
package display

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"github.com/rs/zerolog"
)

// The kinds of scene. A page blanks itself on any other.
const (
	Idle       = "idle"
	QR         = "qr"
	InProgress = "in_progress"
	Paid       = "paid"
	Failed     = "failed"
	Closed     = "closed"
)

// Scene is everything a display shows at one moment. It is always sent whole,
// the picture of the code included, so that code and amount change together.
type Scene struct {
	Kind     string `json:"kind"`
	Visit    string `json:"visit"`
	QRSVG    string `json:"qr_svg"`   // drawn by display/qr; for QR, and Failed when it may be scanned again
	URL      string `json:"url"`      // what the code says
	Amount   string `json:"amount"`   // formatted, as it is to be read
	Title    string `json:"title"`    // "Haircut + 1 more"; empty where services are private
	Greeting string `json:"greeting"` // a first name, "Anna"; empty where names are private
	// ExpiresAt is when the code stops being payable; the page is told how
	// long that is, never the clock time, since a tablet's clock may be wrong.
	ExpiresAt *time.Time `json:"expires_at"`
	Sandbox   bool       `json:"sandbox"`
	Quiet     bool       `json:"quiet"`  // Idle: be dark, the location is closed
	Reason    string     `json:"reason"` // Failed, Closed: a sentence, or declined, expired, cancelled, unavailable
	Brand     Brand      `json:"brand"`
	Revision  string     `json:"revision"` // a new one makes a new frame even where nothing else changed
}

// Brand is the location's look and language.
type Brand struct {
	Name     string  `json:"name"`
	Colour   string  `json:"colour"` // "#14514a"
	Ink      string  `json:"ink"`    // text on Colour; empty or unreadable: the page computes it
	Language string  `json:"language"`
	Zone     string  `json:"zone"`     // IANA name, for the clock
	Provider string  `json:"provider"` // "Stripe": who the payment is secured by; empty: not said
	Dark     string  `json:"dark"`     // "auto", "light" or "dark"; empty is auto
	Sound    bool    `json:"sound"`    // two soft notes when paid
	Slides   []Slide `json:"slides"`   // pictures shown one after another while idle
}

// Slide is a picture that is shown for some seconds while a desk is idle.
type Slide struct {
	Src     string `json:"src"` // SlidePath of it
	Seconds int    `json:"seconds"`
}

// SlidePath is where displays find a picture of the Source's.
func SlidePath(id string) string { return "/display/slide/" + id }

// Device is a paired display.
type Device struct {
	ID, Desk, Name string
}

// Painted says that a display has put a frame on the glass.
type Painted struct {
	Device Device
	Scene  Scene
	At     time.Time
}

// Source is where the hub reads what is true. All methods are called
// concurrently, never under a lock of the hub's that Wake needs, and are
// expected to read a local store: they should take microseconds.
type Source interface {
	// Device finds the display that was paired with a key (the secret in its
	// cookie; stores keep KeyHash of it). false: not paired, or revoked.
	Device(key string) (Device, bool, error)
	// Revoked tells of a key whose pairing was taken back. It may be in other
	// hands by now, so that the next page gets another one.
	Revoked(key string) (bool, error)
	// Devices are all paired displays, by KeyHash of their keys. The map is
	// only read from.
	Devices() (map[string]Device, error)
	// Scene is what the device should show now. It depends on the device's desk
	// alone: all its displays are shown what was read for one. An error shows
	// nothing new and stops the heartbeat, so that the display covers itself
	// within seconds.
	Scene(device Device) (Scene, error)
	// Brand is the look of a display that isn't paired yet.
	Brand() (Brand, error)
	// Slide is the JPEG of a picture, by the id that SlidePath was given.
	Slide(id string) (jpeg []byte, ok bool, err error)
	// Seen is told that a device is there: when it connects, once a minute,
	// and when it leaves.
	Seen(device string, at time.Time)
	// Turned is told when a device has come or gone for good, or was found open
	// in two places: not of every reconnect, and of one device every ten seconds
	// at most.
	Turned(device Device, online bool)
	// Painted is told once of every frame that a display acknowledged.
	Painted(p Painted)
}

// Options configure a Hub; the zero value works for tests.
type Options struct {
	Epoch     string    // differs after every start of the daemon; empty: random
	Rand      io.Reader // source of keys and codes; nil: crypto/rand
	Log       zerolog.Logger
	PublicURL func() string // where staff reach the daemon, for the pairing code's QR; nil or "": no QR
	Version   string        // a new one makes idle pages reload themselves
}

// KeyHash is what a store keeps of a display's key.
func KeyHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
