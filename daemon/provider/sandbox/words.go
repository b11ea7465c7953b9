package sandbox

import (
	"strings"

	"countersign/daemon/provider"
)

// words are the hosted page in one language.
type words struct {
	Lang, Banner, Note             string
	Pay, Later, Decline, Leave     string
	Due, Times                     string
	Back, Gone, GoneText           string
	Paid, PaidText                 string
	Processing, ProcessingText     string
	Cancelled, CancelledText       string
	Expired, ExpiredText           string
	Failed, FailedText             string
	Refused, RefusedText, NotThere string
}

func english() words {
	return words{
		Lang: "en", Banner: "SANDBOX · no real money", Note: "A practice page: no card is asked for and nothing is charged.",
		Pay: "Pay %s", Later: "Pay later", Decline: "Decline", Leave: "Leave without paying",
		Due: "To pay", Times: "×", Back: "Back to",
		Gone: "Page not found", GoneText: "Please scan the code again, or open your payment link once more.",
		Paid: "Paid, thank you", PaidText: "There is nothing more to do here.",
		Processing: "Your payment is on its way", ProcessingText: "It takes a moment to arrive. You need not wait on this page.",
		Cancelled: "This page has been closed", CancelledText: "Nothing was taken. If there is still something to pay, scan the code again or ask at reception.",
		Expired: "This page has expired", ExpiredText: "Nothing was taken. Open your payment link again to get a new page.",
		Failed: "The payment was declined", FailedText: "Nothing was taken. Scan the code again to try once more, or ask at reception.",
		Refused: "That did not come from this page", RefusedText: "Nothing was taken. Please go back and try again.",
		NotThere: "the salon",
	}
}

func german() words {
	return words{
		Lang: "de", Banner: "SANDBOX · kein echtes Geld", Note: "Eine Übungsseite: Es wird keine Karte verlangt und nichts abgebucht.",
		Pay: "%s zahlen", Later: "Später zahlen", Decline: "Ablehnen", Leave: "Ohne Zahlung verlassen",
		Due: "Zu zahlen", Times: "×", Back: "Zurück zu",
		Gone: "Seite nicht gefunden", GoneText: "Bitte scannen Sie den Code erneut oder öffnen Sie Ihren Zahlungslink noch einmal.",
		Paid: "Bezahlt, vielen Dank", PaidText: "Hier ist nichts mehr zu tun.",
		Processing: "Ihre Zahlung ist unterwegs", ProcessingText: "Es dauert einen Moment, bis sie ankommt. Sie müssen nicht auf dieser Seite warten.",
		Cancelled: "Diese Seite wurde geschlossen", CancelledText: "Es wurde nichts abgebucht. Falls noch etwas offen ist, scannen Sie den Code erneut oder fragen Sie am Empfang.",
		Expired: "Diese Seite ist abgelaufen", ExpiredText: "Es wurde nichts abgebucht. Öffnen Sie Ihren Zahlungslink erneut, dann erhalten Sie eine neue Seite.",
		Failed: "Die Zahlung wurde abgelehnt", FailedText: "Es wurde nichts abgebucht. Scannen Sie den Code noch einmal oder fragen Sie am Empfang.",
		Refused: "Das kam nicht von dieser Seite", RefusedText: "Es wurde nichts abgebucht. Bitte gehen Sie zurück und versuchen Sie es noch einmal.",
		NotThere: "Ihrem Salon",
	}
}

// wordsFor picks by how the language, or a list of them, begins; English for
// all it has not.
func wordsFor(language string) words {
	rest, ok := strings.CutPrefix(strings.ToLower(language), "de")
	if ok && (rest == "" || strings.ContainsAny(rest[:1], "-_,;")) {
		return german()
	}
	return english()
}

// dead is what a page says that takes no payment.
func (w words) dead(s provider.Status) (title, text string) {
	switch s {
	case provider.Paid:
		return w.Paid, w.PaidText
	case provider.Processing:
		return w.Processing, w.ProcessingText
	case provider.Expired:
		return w.Expired, w.ExpiredText
	case provider.Failed:
		return w.Failed, w.FailedText
	}
	return w.Cancelled, w.CancelledText
}
