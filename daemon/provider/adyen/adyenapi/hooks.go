package adyenapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

type hook struct {
	Live  string `json:"live"`
	Items []struct {
		Item *Item `json:"NotificationRequestItem"`
	} `json:"notificationItems"`
}

// Item is one thing that a webhook tells. What isn't signed of it: the
// time, the reason, and everything additional.
type Item struct {
	ID         string                     `json:"pspReference"`
	Original   string                     `json:"originalReference"`
	Account    string                     `json:"merchantAccountCode"`
	Reference  string                     `json:"merchantReference"`
	Amount     Amount                     `json:"amount"`
	Code       string                     `json:"eventCode"`
	Success    string                     `json:"success"`
	At         string                     `json:"eventDate"`
	Reason     string                     `json:"reason"`
	Additional map[string]json.RawMessage `json:"additionalData"`
}

// Extra is a text of an item that nobody signed.
func (w *Item) Extra(name string) (s string) {
	if json.Unmarshal(w.Additional[name], &s) != nil {
		return ""
	}
	return s
}

// signed are the fields that the signature is over, in its order.
func (w *Item) signed() []string {
	return []string{w.ID, w.Original, w.Account, w.Reference, strconv.FormatInt(w.Amount.Value, 10), w.Amount.Currency, w.Code, w.Success}
}

// Read verifies the items of a webhook and returns them: all, or none. There is
// no time in Adyen's signature, so that one which comes again is genuine.
func (a *API) Read(h http.Header, body []byte) (items []*Item, err error) {
	var w hook
	switch {
	case len(body) > outcall.Limit:
		return nil, provider.Errorf(provider.Forged, "the body is too long")
	case !a.admitted(h):
		return nil, provider.Errorf(provider.Forged, "the name or the password of the webhook is wrong")
	case json.Unmarshal(body, &w) != nil || len(w.Items) == 0:
		return nil, provider.Errorf(provider.Forged, "there is nothing in it that is signed")
	case w.Live != strconv.FormatBool(a.Live()):
		return nil, provider.Errorf(provider.Forged, "it is of Adyen's other system: live is %q here", strconv.FormatBool(a.Live()))
	}
	keys, _ := a.Keys()
	for _, it := range w.Items {
		if it.Item == nil || !it.Item.genuine(keys) {
			return nil, provider.Errorf(provider.Forged, "a signature does not fit")
		}
		items = append(items, it.Item)
	}
	return items, nil
}

// admitted checks the basic authentication, if the webhook has one.
func (a *API) admitted(h http.Header) bool {
	if a.User == "" && a.Password == "" {
		return true
	}
	user, password, ok := (&http.Request{Header: h}).BasicAuth()
	return subtle.ConstantTimeCompare([]byte(user), []byte(a.User))&
		subtle.ConstantTimeCompare([]byte(password), []byte(a.Password)) == 1 && ok
}

// Keys are those that webhooks may be signed with. It is false without any, or
// if one isn't hexadecimal: that one signs nothing.
func (a *API) Keys() (keys [][]byte, ok bool) {
	texts := strings.Fields(a.HMAC)
	for _, text := range texts {
		if key, err := hex.DecodeString(text); err == nil && len(key) > 0 {
			keys = append(keys, key)
		}
	}
	return keys, len(keys) > 0 && len(keys) == len(texts)
}

// genuine says whether one of the keys signed an item. Adyen's page escapes
// what separates the fields, and its own library doesn't: where that makes a
// difference either will do, since such an item is never taken for ours.
func (w *Item) genuine(keys [][]byte) bool {
	got, err := base64.StdEncoding.DecodeString(w.Extra("hmacSignature"))
	if err != nil || len(got) == 0 {
		return false
	}
	escape := strings.NewReplacer(`\`, `\\`, `:`, `\:`)
	fields := w.signed()
	plain := strings.Join(fields, ":")
	for i := range fields {
		fields[i] = escape.Replace(fields[i])
	}
	for _, key := range keys {
		if hmac.Equal(got, mac(key, strings.Join(fields, ":"))) || hmac.Equal(got, mac(key, plain)) {
			return true
		}
	}
	return false
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// Clear says whether no field holds what separates fields: then the signature
// says which is which.
func (w *Item) Clear() bool {
	for _, field := range w.signed() {
		if strings.ContainsAny(field, `:\`) {
			return false
		}
	}
	return true
}
