package doctor

import (
	"context"
	"fmt"
)

// mail looks at whether the mail server would take mail from the wiki. The job runner asks it, from where most mail is sent.
func mail(ctx context.Context, p *Patient) ([]Finding, error) {
	pod, err := p.ready(ctx, p.Name+"-jobs")
	if err != nil {
		return nil, err
	}
	if pod == nil {
		return fine("cannot be tried while no job runner is ready"), nil
	}
	answer, err := p.Exec(ctx, pod.Name, "jobs", "php", "/etc/mediawiki-stack/mail.php")
	switch {
	case err != nil:
		return nil, err
	case answer == "unset":
		return fine("is not sent: mail.host is not set"), nil
	case answer == "ok":
		return fine("is taken by the server"), nil
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("is not sent: %s", answer),
		Why:  "users get no new passwords and no notifications; what is not sent now is lost",
		Type: "pulumi config get --path mail     (and look at the server's log)",
	}}, nil
}
