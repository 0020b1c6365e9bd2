// Package config reads a stack's configuration: Pulumi.yaml is the schema, Pulumi.<stack>.yaml the values.
//
// Reading is pure and whole. Every mistake of a stack is found before anything is registered and all are reported
// at once, each with its key, what was found and what to type to mend it.
package config
