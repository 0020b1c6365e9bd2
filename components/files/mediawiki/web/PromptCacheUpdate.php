<?php
// Until MediaWiki 1.43 the class has no namespace.
if ( !class_exists( MediaWiki\JobQueue\Jobs\HTMLCacheUpdateJob::class ) ) {
	class_alias( 'HTMLCacheUpdateJob', 'MediaWiki\JobQueue\Jobs\HTMLCacheUpdateJob' );
}

/**
 * Invalidates the pages that use a page, after that page has changed.
 *
 * MediaWiki compares times in whole seconds, and skips a page that was changed or invalidated within the second of the change. Readers
 * would not see a correction that immediately follows an edit. This job uses the second after the change as its time, and waits until that
 * second has begun.
 */
class PromptCacheUpdate extends MediaWiki\JobQueue\Jobs\HTMLCacheUpdateJob {
	protected function invalidateTitles( array $pages ) {
		$changed = wfTimestampOrNull( TS_UNIX, $this->params['rootJobTimestamp'] ?? null );
		if ( $changed !== null ) {
			while ( time() <= $changed ) {
				usleep( 20_000 );
			}
			$this->params['rootJobTimestamp'] = wfTimestamp( TS_MW, $changed + 1 );
		}
		parent::invalidateTitles( $pages );
	}
}
