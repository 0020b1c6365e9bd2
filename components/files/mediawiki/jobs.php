<?php
// Runs jobs until a file appears, MEDIAWIKI_JOBS_END: then it ends after the job that is running. MediaWiki's own runJobs would have to be
// killed in the middle of it, and nobody would do that job again for an hour.
declare( strict_types=1 );
require_once '/var/www/html/maintenance/Maintenance.php';
define( 'MEDIAWIKI_JOB_RUNNER', true ); // by which extensions know

class JobsUntilAsked extends Maintenance {
	public function execute() {
		$runner = MediaWiki\MediaWikiServices::getInstance()->getJobRunner();
		$runner->setDebugHandler( function ( $line ) {
			$this->output( $line );
		} );
		do {
			$run = $runner->run( [ 'maxTime' => 1 ] );
			if ( $run['reached'] !== 'time-limit' ) {
				sleep( 1 ); // there are no more, or they have to wait
			}
			clearstatcache();
			$again = !in_array( $run['reached'], [ 'memory-limit', 'exception' ], true ) && !file_exists( getenv( 'MEDIAWIKI_JOBS_END' ) );
		} while ( $again );
	}
}

$maintClass = JobsUntilAsked::class;
require_once RUN_MAINTENANCE_IF_MAIN;
