<?php
// Whether people can edit. While they cannot, they read on, and no job is run.
declare( strict_types=1 );

/** What Pods with one version of MediaWiki let people do. */
class Editing {
	/** Seconds that requests have to end which began before the wiki was read-only. */
	private const PATIENCE = 120;

	public function __construct( private readonly string $version ) {
	}

	/** Makes the wiki read-only: LocalSettings.php and jobs.sh look for this file. */
	public function close( string $message ): void {
		if ( file_put_contents( $this->mark(), $message ) === false ) {
			throw new Refusal( 'the wiki could not be made read-only: ' . lastError() );
		}
		say( 'the wiki is read-only' );
	}

	public function open(): void {
		@unlink( $this->mark() );
		say( 'the wiki can be edited' );
	}

	/**
	 * Waits until all connections of web and job Pods have ended which are open, twice: a request that saw no mark may have been about to
	 * connect.
	 */
	public function drain( mysqli $ours ): void {
		$web = connect( 'web' );
		$own = [ $web->thread_id, $ours->thread_id ];
		$open = static fn () => array_diff( array_column( $web->query( 'SHOW PROCESSLIST' )->fetch_all(), 0 ), $own );
		$until = time() + self::PATIENCE;
		for ( $rounds = 0; $rounds < 2; $rounds++ ) {
			for ( $waiting = $open(); $waiting = array_intersect( $waiting, $open() ); usleep( 100_000 ) ) {
				if ( time() > $until ) {
					throw new Refusal( count( $waiting ) . ' requests that may edit have not ended in ' . self::PATIENCE . ' s; try again' );
				}
			}
		}
	}

	private function mark(): string {
		return "/var/www/html/images/.read-only-$this->version";
	}
}
