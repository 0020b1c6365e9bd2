package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// setDefault sets a plain field that has its zero value.
func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// setText sets a text that is nil.
func setText(field *pulumi.StringInput, value string) {
	if *field == nil {
		*field = pulumi.String(value)
	}
}

// setNumber sets a number that is nil.
func setNumber(field *pulumi.IntInput, value int) {
	if *field == nil {
		*field = pulumi.Int(value)
	}
}

// setList sets a list that is nil.
func setList(field *pulumi.StringArrayInput, values ...string) {
	if *field == nil {
		*field = pulumi.ToStringArray(values)
	}
}
