package desk

import (
	"cmp"
	"slices"
	"strings"

	"countersign/daemon/access"
	"countersign/daemon/catalogue"
	"countersign/daemon/client"
	"countersign/daemon/id"
)

// clientWords are the words that a client is found by.
func clientWords(c *client.Client) []string {
	return distinct(append(catalogue.Words(c.Name), c.Traits()...))
}

// inOrder is a client's place in the list: by name, as people expect it, or by
// what else is known.
func inOrder(c *client.Client) []string {
	return []string{strings.Join(catalogue.Words(cmp.Or(c.Name, c.Phone, c.Email)), " ") + "/" + string(c.ID)}
}

// ClientQuery asks for clients by the words of Q: the beginnings of names, a
// number or its last digits, an address. Cursor continues an earlier answer;
// Limit is 50 when 0, at most 500.
type ClientQuery struct {
	Q, Cursor string
	Limit     int
}

// words are what was typed, each as the index has it.
func (q ClientQuery) words() []string {
	if strings.Trim(q.Q, "0123456789 +-()/.\u00a0") == "" {
		return present(client.Digits(q.Q))
	}
	if strings.Contains(q.Q, "@") {
		return strings.Fields(client.EmailKey(q.Q))
	}
	return catalogue.Words(q.Q)
}

// Clients lists clients by name, and the cursor of the next page ("" at the end).
func (d *Desk) Clients(a access.Actor, q ClientQuery) (found []client.Client, next string, err error) {
	if err := a.Need(access.VisitsView); err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 500)
	err = d.view(func(o *op) error {
		if words := q.words(); len(words) > 0 {
			found, err = o.findClients(words, q.Cursor)
		} else {
			found, err = o.listClients(q)
		}
		return err
	})
	if len(found) > q.Limit {
		next = inOrder(&found[q.Limit])[0]
		found = found[:q.Limit]
	}
	return found, next, err
}

// listClients is a page of all clients, and the first of the next.
func (o *op) listClients(q ClientQuery) (found []client.Client, err error) {
	for c, err := range o.clients.Between(o.tx, o.byOrder, q.Cursor, "\xff") {
		if err != nil {
			return nil, err
		}
		if found = append(found, c); len(found) > q.Limit {
			break
		}
	}
	return found, nil
}

// mostFound bounds how many clients a search looks at: who types one letter
// wants to see that there are many, not all of them.
const mostFound = 2000

// findClients returns the clients that have every word, in order from the cursor.
func (o *op) findClients(words []string, from string) (found []client.Client, err error) {
	longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
	seen := map[id.Client]bool{}
	for c, err := range o.clients.Prefix(o.tx, o.byTrait, longest) {
		if err != nil {
			return nil, err
		}
		if seen[c.ID] || inOrder(&c)[0] < from || !hasAll(clientWords(&c), words) {
			continue
		}
		seen[c.ID] = true
		if found = append(found, c); len(found) == mostFound {
			break
		}
	}
	slices.SortFunc(found, func(a, b client.Client) int { return cmp.Compare(inOrder(&a)[0], inOrder(&b)[0]) })
	return found, nil
}

func hasAll(has, wanted []string) bool {
	for _, w := range wanted {
		if !slices.ContainsFunc(has, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}
