package sandbox

import (
	"errors"

	"countersign/daemon/provider"
)

// boardWords are the dashboard in one language.
type boardWords struct {
	Lang, Layout, Point                             string
	Banner, Title, Intro, Empty                     string
	Door, DoorText, Key, Enter, WrongKey            string
	Mood, Made, Pending, RefusedMood, Apply         string
	Paid, Refunded, Disputed, Left                  string
	Amount, Refund, Dispute                         string
	Succeed, Fail, Win, Lose                        string
	RefundMade, RefundPending, RefundFailed, ByHand string
	DisputeOpen, DisputeWon, DisputeLost            string
	NotAmount, Contested, Missing                   string
}

func boardEnglish() boardWords {
	return boardWords{
		Lang: "en", Point: ".", Layout: "2 Jan 2006, 15:04 UTC", Banner: "SANDBOX · no real money", Title: "Payments",
		Intro: "The payment company's own side: what is done here, the salon hears of by itself.",
		Empty: "Nobody has paid yet. Open a visit's payment link and press Pay: it will be here.",
		Door:  "The sandbox's dashboard", Key: "Key", Enter: "Open", WrongKey: "That is not the key.",
		DoorText: "Its key is the first word in the file sandbox.key, in the folder where Countersign keeps its data.",
		Mood:     "Refunds that the salon asks for",
		Made:     "are made at once", Pending: "stay pending until you settle them", RefusedMood: "are refused", Apply: "Apply",
		Paid: "paid", Refunded: "refunded", Disputed: "taken by the bank", Left: "left",
		Amount: "Amount", Refund: "Refund", Dispute: "Dispute",
		Succeed: "It arrived", Fail: "It came back", Win: "Salon wins", Lose: "Salon loses",
		RefundMade: "Refund", RefundPending: "Refund, pending", RefundFailed: "Refund, came back", ByHand: "made here",
		DisputeOpen: "Dispute, undecided", DisputeWon: "Dispute, won by the salon", DisputeLost: "Dispute, lost by the salon",
		NotAmount: "That amount can't be taken of this payment.", Missing: "That is no longer here.",
		Contested: "This payment is disputed. Decide that first.",
	}
}

func boardGerman() boardWords {
	return boardWords{
		Lang: "de", Point: ",", Layout: "02.01.2006, 15:04 UTC", Banner: "SANDBOX · kein echtes Geld", Title: "Zahlungen",
		Intro: "Die Seite des Zahlungsanbieters: Was hier geschieht, erfährt der Salon von selbst.",
		Empty: "Noch hat niemand gezahlt. Öffnen Sie den Zahlungslink eines Termins und drücken Sie auf Zahlen, dann steht es hier.",
		Door:  "Die Übersicht der Sandbox", Key: "Schlüssel", Enter: "Öffnen", WrongKey: "Das ist nicht der Schlüssel.",
		DoorText: "Der Schlüssel ist das erste Wort in der Datei sandbox.key, im Ordner mit den Daten von Countersign.",
		Mood:     "Erstattungen, die der Salon verlangt",
		Made:     "werden sofort ausgeführt", Pending: "bleiben offen", RefusedMood: "werden abgelehnt", Apply: "Übernehmen",
		Paid: "gezahlt", Refunded: "erstattet", Disputed: "von der Bank geholt", Left: "übrig",
		Amount: "Betrag", Refund: "Erstatten", Dispute: "Anfechten",
		Succeed: "Angekommen", Fail: "Zurückgekommen", Win: "Salon gewinnt", Lose: "Salon verliert",
		RefundMade: "Erstattung", RefundPending: "Erstattung, offen", RefundFailed: "Erstattung, zurückgekommen", ByHand: "hier ausgeführt",
		DisputeOpen: "Anfechtung, unentschieden", DisputeWon: "Anfechtung, vom Salon gewonnen", DisputeLost: "Anfechtung, vom Salon verloren",
		NotAmount: "Dieser Betrag lässt sich von der Zahlung nicht nehmen.", Missing: "Das ist nicht mehr da.",
		Contested: "Diese Zahlung wird angefochten. Entscheiden Sie das zuerst.",
	}
}

func boardWordsFor(language string) boardWords {
	if wordsFor(language).Lang == "de" {
		return boardGerman()
	}
	return boardEnglish()
}

func (w boardWords) refund(status string, byHand bool) (title, tone string) {
	switch status {
	case provider.RefundPending:
		return w.RefundPending, "wait"
	case provider.RefundFailed:
		return w.RefundFailed, "bad"
	}
	if byHand {
		return w.RefundMade + ", " + w.ByHand, "good"
	}
	return w.RefundMade, "good"
}

func (w boardWords) dispute(status string) (title, tone string) {
	switch status {
	case provider.DisputeWon:
		return w.DisputeWon, "good"
	case provider.DisputeLost:
		return w.DisputeLost, "bad"
	}
	return w.DisputeOpen, "wait"
}

// problem is a refusal in the page's language: that of the API is English.
func (w boardWords) problem(err error) string {
	var no *refusal
	if errors.As(err, &no) {
		switch no.code {
		case "invalid":
			return w.NotAmount
		case "disputed":
			return w.Contested
		}
	}
	return w.Missing
}
