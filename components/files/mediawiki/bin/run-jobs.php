<?php
// A maintenance script that runs jobs until the file MEDIAWIKI_JOBS_END appears, and ends after the current job. MediaWiki's own
// runJobs would have to be killed in the middle of a job, which nobody would repeat for an hour.
declare( strict_types=1 );
require_once '/var/www/html/maintenance/Maintenance.php';
define( 'MEDIAWIKI_JOB_RUNNER', true ); // tells extensions

class RunJobsUntilAsked extends Maintenance {
	public function execute() {
		$runner = MediaWiki\MediaWikiServices::getInstance()->getJobRunner();
		$runner->setDebugHandler( function ( $line ) {
			$this->output( $line );
		} );
		do {
			$run = $runner->run( [ 'maxTime' => 1 ] );
			if ( $run['reached'] !== 'time-limit' ) {
				sleep( 1 ); // there are no jobs, or they have to wait
			}
			clearstatcache();
			$again = !in_array( $run['reached'], [ 'memory-limit', 'exception' ], true ) && !file_exists( getenv( 'MEDIAWIKI_JOBS_END' ) );
		} while ( $again );
	}
}

$maintClass = RunJobsUntilAsked::class;
require_once RUN_MAINTENANCE_IF_MAIN;
