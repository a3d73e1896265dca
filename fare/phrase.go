package fare

import "fmt"

// A Phrase is a sentence or a part of one: an English template, which is its key in other
// languages, and the values in it. It is an error by itself if no rule refuses.
type Phrase struct {
	template string
	values   *[]any // behind a pointer: errors are compared
}

// Say makes a phrase of a template, with the verbs of package fmt, and its values: of types that
// package messages can write, such as amounts, days and groups.
func Say(template string, values ...any) Phrase { return Phrase{template, &values} }

// Template is the key in other languages.
func (p Phrase) Template() string { return p.template }

// Values are the values of the template, in its order.
func (p Phrase) Values() []any {
	if p.values == nil {
		return nil
	}
	return *p.values
}

// Error is the phrase in English.
func (p Phrase) Error() string { return fmt.Sprintf(p.template, p.Values()...) }

// Unwrap are the errors among the values.
func (p Phrase) Unwrap() (all []error) {
	for _, value := range p.Values() {
		if err, is := value.(error); is {
			all = append(all, err)
		}
	}
	return all
}
