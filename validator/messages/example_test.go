package messages_test

import (
	"fmt"

	"leima/validator/messages"
)

// Everything that people read stands in one table, in three languages.
func ExampleLanguage_Count() {
	for _, language := range messages.Languages {
		fmt.Println(language.Count(3, "person"), messages.Euros(250))
	}
	// Output:
	// 3 henkilöä 2,50 €
	// 3 personer 2,50 €
	// 3 persons 2,50 €
}
