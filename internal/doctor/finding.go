package doctor

import "fmt"

// Level is how a finding is to be taken.
type Level string

// Levels: as it should be; worth a thought; broken.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Failure Level = "failure"
)

// Finding is how one thing is.
type Finding struct {
	Level Level  `json:"level"`
	About string `json:"about"`         // the check that found it
	What  string `json:"what"`          // how it is
	Why   string `json:"why,omitempty"` // why that matters
	Type  string `json:"type,omitempty"`
	// Details are what was said about it: events, the last lines of a log.
	Details []string `json:"details,omitempty"`
}

// fine is the one finding of a check that found nothing to mend.
func fine(what string, args ...any) []Finding {
	return []Finding{{Level: OK, What: fmt.Sprintf(what, args...)}}
}

// ExitStatus is what a script is told: 1 if something is broken, else 0.
func ExitStatus(findings []Finding) int {
	for _, f := range findings {
		if f.Level == Failure {
			return 1
		}
	}
	return 0
}

// worst are the findings that are not fine; if there is none, the ones given for that.
func worst(found, otherwise []Finding) []Finding {
	if len(found) > 0 {
		return found
	}
	return otherwise
}
