<?php
// Releases the job that a killed runner was running, so that the next runner takes it at once. MediaWiki itself would wait for an hour.
//   usage: release-job.php TIME     the runner was asked to end at TIME, in MediaWiki's format; jobs taken later belong to another runner
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

// MediaWiki gives up on a job after three attempts: maxTries in $wgJobTypeConf.
$database = Database::connect();
$release = $database->prepare( "UPDATE job SET job_token = '', job_token_timestamp = NULL
	WHERE job_token <> '' AND job_token_timestamp <= ? AND job_attempts < 3 ORDER BY job_token_timestamp DESC LIMIT 1" );
$release->bind_param( 's', $argv[1] );
$release->execute();
echo "released $release->affected_rows unfinished jobs\n";
