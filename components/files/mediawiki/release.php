<?php
// Releases the job that a runner was killed over, so that the next one takes it at once: MediaWiki itself would wait for an hour.
//   usage: release.php WHEN     the runner was asked to end at that time, as MediaWiki writes it; what was taken later is another's
declare( strict_types=1 );
require __DIR__ . '/database.php';

// A job that was tried three times is not tried again: $wgJobTypeConf's maxTries.
$database = connect();
$release = $database->prepare( "UPDATE job SET job_token = '', job_token_timestamp = NULL
	WHERE job_token <> '' AND job_token_timestamp <= ? AND job_attempts < 3 ORDER BY job_token_timestamp DESC LIMIT 1" );
$release->bind_param( 's', $argv[1] );
$release->execute();
echo "released $release->affected_rows job that was not done in time\n";
