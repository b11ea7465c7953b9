package id

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"
	"sync"
)

// idBytes is 80 bits: two ids of one salon never meet, and nobody guesses one.
const idBytes = 10

// pairingAlphabet leaves out what people confuse when they read it off a screen: 0 O 1 I L.
const pairingAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// pairingLen times log2(31) is 29.7 bits: enough for a code that lives for minutes and whose
// guessing is limited (R39).
const pairingLen = 6

// Source makes ids, tokens and secrets from one reader. It is safe for concurrent use, also when
// the reader (a test's) is not.
type Source struct {
	mu sync.Mutex
	r  io.Reader
}

// NewSource draws from r: crypto/rand.Reader in production.
func NewSource(r io.Reader) *Source { return &Source{r: r} }

// Visit makes the id of a visit.
func (s *Source) Visit() Visit { return Visit(s.make(visitPrefix)) }

// Line makes the id of a visit's line.
func (s *Source) Line() Line { return Line(s.make(linePrefix)) }

// Client makes the id of a client.
func (s *Source) Client() Client { return Client(s.make(clientPrefix)) }

// Staff makes the id of a staff member.
func (s *Source) Staff() Staff { return Staff(s.make(staffPrefix)) }

// Checkout makes the id of a checkout, which is also our reference at the provider.
func (s *Source) Checkout() Checkout { return Checkout(s.make(checkoutPrefix)) }

// Hosted makes the id of a link that a provider hosts, which is also our reference there.
func (s *Source) Hosted() Hosted { return Hosted(s.make(hostedPrefix)) }

// Payment makes the id of a ledger entry.
func (s *Source) Payment() Payment { return Payment(s.make(paymentPrefix)) }

// Display makes the id of a paired display.
func (s *Source) Display() Display { return Display(s.make(displayPrefix)) }

// Job makes the id of a job, which is also its idempotency key.
func (s *Source) Job() Job { return Job(s.make(jobPrefix)) }

// Event makes the id of an event.
func (s *Source) Event() Event { return Event(s.make(eventPrefix)) }

// Item makes the id of a catalogue item.
func (s *Source) Item() Item { return Item(s.make(itemPrefix)) }

// Tail makes the end of an address that is printed: six characters that nobody
// confuses. At the rate at which one address is answered (R39), finding one of
// its 887 million takes months.
func (s *Source) Tail() string { return strings.ToLower(s.text(pairingAlphabet, pairingLen)) }

// Device makes the id of a tablet or browser.
func (s *Source) Device() Device { return Device(s.make(devicePrefix)) }

// Attention makes the id of something raised for attention.
func (s *Source) Attention() Attention { return Attention(s.make(attentionPrefix)) }

// Movement makes the id of a movement of stock.
func (s *Source) Movement() Movement { return Movement(s.make(movementPrefix)) }

// Card makes the id of an issued gift card or membership.
func (s *Source) Card() Card { return Card(s.make(cardPrefix)) }

// Delivery makes the id of a message to a client, which is also its key towards its carrier.
func (s *Source) Delivery() Delivery { return Delivery(s.make(deliveryPrefix)) }

// Access makes the id of an API token's record.
func (s *Source) Access() Access { return Access(s.make(accessPrefix)) }

// Subscriber makes the id of other software that is told of events.
func (s *Source) Subscriber() Subscriber { return Subscriber(s.make(subscriberPrefix)) }

// Token makes a payment link's token: 128 bits (R6).
func (s *Source) Token() Token { return Token(base32Lower(s.bytes(tokenBytes))) }

// Secret makes 256 bits for what is shown once and kept as a hash: an API token, a display's
// key, a session.
func (s *Source) Secret() string { return base64.RawURLEncoding.EncodeToString(s.bytes(32)) }

// PairingCode makes the code that an unpaired display shows (R28).
func (s *Source) PairingCode() string { return s.text(pairingAlphabet, pairingLen) }

// ShortCode makes the four digits by which people name a visit aloud ("4831"). They are not a
// secret and may repeat: whoever needs them unique within a day draws again.
func (s *Source) ShortCode() string { return s.text("0123456789", 4) }

// ParsePairingCode reads a code as a person types it: in any case, with spaces or dashes.
func ParsePairingCode(typed string) (string, bool) {
	if len(typed) > 4*pairingLen {
		return "", false
	}
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	ok := len(code) == pairingLen && strings.Trim(code, pairingAlphabet) == ""
	if !ok {
		return "", false
	}
	return code, true
}

func (s *Source) make(prefix string) string { return prefix + base32Lower(s.bytes(idBytes)) }

// text reduces 64 bits modulo the number of texts. 31⁶ fits 2³⁴ times into them, so the bias is
// beyond measuring, and unlike drawing again there is no loop that a bad reader could keep going.
func (s *Source) text(alphabet string, n int) string {
	x := binary.BigEndian.Uint64(s.bytes(8))
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[x%uint64(len(alphabet))]
		x /= uint64(len(alphabet))
	}
	return string(out)
}

// bytes panics when the reader fails: an id that isn't random must never be handed out, and
// crypto/rand.Reader doesn't fail (it ends the program itself).
func (s *Source) bytes(n int) []byte {
	b := make([]byte, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.ReadFull(s.r, b); err != nil {
		panic("id: the source of randomness failed: " + err.Error())
	}
	return b
}
