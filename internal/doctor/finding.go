package doctor

import "fmt"

// Level is the severity of a finding.
type Level string

// Levels: as it should be; worth a look; broken.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Failure Level = "failure"
)

// Finding is the result of a check.
type Finding struct {
	Level Level  `json:"level"`
	About string `json:"about"`         // the check
	What  string `json:"what"`          // what is the case
	Why   string `json:"why,omitempty"` // why it matters
	Fix   string `json:"fix,omitempty"` // commands that fix it, or that show more, one a line
	// Details are events, or the last lines of a log.
	Details []string `json:"details,omitempty"`
}

// passed returns the one finding of a check that found no problem.
func passed(what string, args ...any) []Finding {
	return []Finding{{Level: OK, What: fmt.Sprintf(what, args...)}}
}

// orOK returns the problems, or the finding that there are none.
func orOK(problems, ok []Finding) []Finding {
	if len(problems) > 0 {
		return problems
	}
	return ok
}

// ExitStatus returns 1 if something is broken, else 0.
func ExitStatus(findings []Finding) int {
	for _, f := range findings {
		if f.Level == Failure {
			return 1
		}
	}
	return 0
}
