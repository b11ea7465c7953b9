// Package webhook is how other software of the salon is told of events: signed
// as the Standard Webhooks specification says, and never sent to an address
// that only this computer or its network has, unless the settings allow that.
//
//	webhook.go  secrets, signatures, ids of messages
//	address.go  which addresses a message may go to
//	client.go   the HTTP client that holds to it
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a message.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// Tolerance is how far a timestamp may be from the receiver's clock.
const Tolerance = 5 * time.Minute

// prefix is what every secret begins with.
const prefix = "whsec_"

// What Verify finds wrong, and what a secret can be.
var (
	ErrSecret    = errors.New("webhook: not a secret")
	ErrTimestamp = errors.New("webhook: the timestamp is missing or too old")
	ErrSignature = errors.New("webhook: no signature fits")
)

// NewSecret draws a secret of 256 bits: "whsec_…".
func NewSecret(r io.Reader) (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", fmt.Errorf("webhook: random numbers: %w", err)
	}
	return prefix + base64.StdEncoding.EncodeToString(b), nil
}

// MessageID is a message's id: the same at every attempt, so that a receiver
// can drop what it had before. The event's time is in it as well as its number,
// since a number comes again for another event after a backup was restored.
func MessageID(receiver string, seq uint64, at time.Time) string {
	h := sha256.New()
	h.Write([]byte(receiver))
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], seq)
	binary.BigEndian.PutUint64(n[8:], uint64(at.UnixNano()))
	h.Write(n[:])
	text := base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:15])
	return "msg_" + strings.ToLower(text)
}

// Sign puts a message's headers into h: one signature for each secret, as while
// one takes the place of another. At is when the attempt is made. ErrSecret if
// there is none, or one that is no secret.
func Sign(h http.Header, id string, at time.Time, body []byte, secrets ...string) error {
	if len(secrets) == 0 {
		return ErrSecret
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		mac, err := sum(secret, id, stamp, body)
		if err != nil {
			return err
		}
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac)
	}
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, stamp)
	h.Set(HeaderSignature, strings.Join(signatures, " "))
	return nil
}

// Verify checks a message as its receiver would, at a moment of the receiver's
// clock.
func Verify(h http.Header, now time.Time, body []byte, secret string) error {
	stamp := h.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return ErrTimestamp
	}
	want, err := sum(secret, h.Get(HeaderID), stamp, body)
	if err != nil {
		return err
	}
	for one := range strings.SplitSeq(h.Get(HeaderSignature), " ") {
		text, ok := strings.CutPrefix(one, "v1,")
		mac, err := base64.StdEncoding.DecodeString(text)
		if ok && err == nil && hmac.Equal(mac, want) {
			return nil
		}
	}
	return ErrSignature
}

// sum is the HMAC of a message. An error never quotes the secret.
func sum(secret, id, stamp string, body []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, prefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, ErrSecret
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return mac.Sum(nil), nil
}
