// Package config reads a stack's configuration: Pulumi.yaml is the schema, Pulumi.<stack>.yaml has the values.
//
// A key is declared twice: Pulumi.yaml has its default and description for the Pulumi CLI, and a field of [Config] has its tags, with
// the check of its value beside it. Everything else follows from these two: decoding, the component's arguments, the list of secrets and
// the table in docs/settings.md.
//
// Loading has no side effects and does not stop at the first mistake: all of them are reported at once, before anything is registered,
// each with its key, what was found, what is wanted and the command that fixes it.
package config
