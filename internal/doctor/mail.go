package doctor

import (
	"context"
	"fmt"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// mail checks whether the mail server accepts mail from the wiki. It connects from the job runner, which sends most mail.
func mail(ctx context.Context, e *Environment) ([]Finding, error) {
	pod, err := e.ready(ctx, parts.Jobs.Of(e.Name))
	if err != nil {
		return nil, err
	}
	if pod == nil {
		return passed("cannot be tested because no job runner is ready"), nil
	}
	answer, err := e.Exec(ctx, pod.Name, "jobs", "php", "/etc/mediawiki-programs/bin/check-mail.php")
	switch {
	case err != nil:
		return nil, err
	case answer == "unset":
		return passed("is not sent: mail.host is not set"), nil
	case answer == "ok":
		return passed("is accepted by the server"), nil
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("is not sent: %s", answer),
		Why: "users get no new passwords and no notifications; mail that cannot be sent is lost",
		Fix: "pulumi config get --path mail     (and read the mail server's log)",
	}}, nil
}
