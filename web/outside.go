package web

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"

	"countersign/daemon/fault"
	"countersign/daemon/provider"
	"countersign/web/page"
)

// answerJSON writes v, and keeps it out of caches.
func answerJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // who has gone needs no answer
}

// hookTaken answers a webhook that was taken in. Most providers look at the
// status alone; the one that reads the answer (Adyen) wants this word.
const hookTaken = "[accepted]"

// hook takes in a provider's webhook. What is wrong with one is told to the
// provider in a word: it changes nothing (R39).
func (s *server) hook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = s.d.Hook(r.Context(), chi.URLParam(r, "provider"), r.Header, body)
	}
	if err != nil {
		s.refuse(w, r, s.unhooked(r, err))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, hookTaken)
}

// unhooked says what is wrong with a webhook. A forged one is written to the
// log: somebody tries, or a secret is not what it was.
func (s *server) unhooked(r *http.Request, err error) error {
	switch provider.KindOf(err) {
	case provider.NotFound:
		return fault.NotFound("provider").Because(err)
	case provider.Forged:
		s.log.Warn().Err(err).Str("request", requestID(r)).Str("from", addressOf(r)).Msg("a webhook was refused")
		return fault.New(fault.Malformed, "webhook_refused", "This is not a webhook of this provider.").Because(err)
	case provider.Refused:
		s.log.Error().Err(err).Str("request", requestID(r)).Msg("a genuine webhook can't be read: is this program older than the provider's version?")
		return fault.New(fault.Unprocessable, "webhook_unreadable", "The signature is right, but this can't be understood.").Because(err)
	case provider.Unavailable:
		return fault.New(fault.Unavailable, "unavailable", "Please send it again later.").Because(err)
	}
	return err
}

// healthy says that the process answers; nothing more, so that a supervisor
// doesn't restart a daemon whose provider is down.
func (s *server) healthy(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": s.opt.Version})
}

// ready says whether the daemon can serve, and if not, why.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	now, err := s.d.Status()
	reasons := []string{}
	if err != nil {
		s.log.Error().Err(err).Msg("not ready")
		reasons = append(reasons, "the store can't be read")
	}
	if !now.Synced {
		reasons = append(reasons, "the payment providers have not been read since the start: no code is shown before that")
	}
	status := http.StatusOK
	if len(reasons) > 0 {
		status = http.StatusServiceUnavailable
	}
	answerJSON(w, status, map[string]any{"ready": len(reasons) == 0, "reasons": reasons,
		"store": now.Store, "synced": now.Synced, "providers": now.Providers})
}

// brandSheet is the location's colour for every page.
func (s *server) brandSheet(w http.ResponseWriter, r *http.Request) {
	loc, err := s.desk.Location()
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = io.WriteString(w, page.BrandCSS(loc.Colour))
}
