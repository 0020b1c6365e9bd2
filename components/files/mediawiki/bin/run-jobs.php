<?php
// A maintenance script that runs jobs until the file MEDIAWIKI_JOBS_END appears, and ends after the current job. MediaWiki's own
// runJobs would have to be killed in the middle of a job, which nobody would repeat for an hour.
declare( strict_types=1 );
require_once '/var/www/html/maintenance/Maintenance.php';
define( 'MEDIAWIKI_JOB_RUNNER', true ); // tells extensions

class RunJobsUntilAsked extends Maintenance {
	public function execute() {
		$services = MediaWiki\MediaWikiServices::getInstance();
		$queues = $services->getJobQueueGroup();
		$runner = $services->getJobRunner();
		$runner->setDebugHandler( function ( $line ) {
			$this->output( $line );
		} );
		$caches = $GLOBALS['wgEventRelayerConfig']['cdn-url-purges']['caches'] ?? [];
		$objectCache = $GLOBALS['wgMemCachedServers'][0];
		$reached = [];
		while ( !array_intersect( $reached, [ 'memory-limit', 'exception' ] ) && !self::isAskedToEnd() ) {
			OutdatedCaches::emptyAnswering( $caches, $objectCache );
			$reached = [];
			// Without a type, the runner remembers for 15 seconds which queues have jobs, and readers would wait that long for a change.
			foreach ( array_intersect( $queues->getDefaultQueueTypes(), $queues->getQueuesWithJobs() ) as $type ) {
				if ( !self::isAskedToEnd() ) {
					$reached[] = $runner->run( [ 'type' => $type, 'maxTime' => 1 ] )['reached'];
				}
			}
			if ( !in_array( 'time-limit', $reached, true ) ) {
				sleep( 1 ); // there are no jobs, or they have to wait
			}
		}
	}

	private static function isAskedToEnd(): bool {
		clearstatcache();
		return file_exists( getenv( 'MEDIAWIKI_JOBS_END' ) )
			|| getenv( 'MEDIAWIKI_SITEMAP' ) && time() - @filemtime( '/tmp/sitemap' ) > 86400; // jobs.sh writes the next one
	}
}

$maintClass = RunJobsUntilAsked::class;
require_once RUN_MAINTENANCE_IF_MAIN;
