package components

// WithDefaults is withDefaults for tests of this package from outside.
func (args *MediaWikiStackArgs) WithDefaults() *MediaWikiStackArgs { return args.withDefaults() }
