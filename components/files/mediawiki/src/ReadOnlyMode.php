<?php
declare( strict_types=1 );

/** Makes the wiki read-only for Pods with one version of MediaWiki. People can still read; jobs do not run. */
class ReadOnlyMode {
	/** Seconds to wait for requests that began before the wiki became read-only. */
	private const TIMEOUT = 120;

	public function __construct( private readonly string $version ) {
	}

	/** Creates the file that LocalSettings.php and jobs.sh look for. */
	public function begin( string $message ): void {
		if ( @file_put_contents( $this->file(), $message ) === false ) {
			throw new PermanentFailure( 'cannot make the wiki read-only: ' . Console::lastError() );
		}
		Console::say( 'the wiki is read-only' );
	}

	public function end(): void {
		@unlink( $this->file() );
		Console::say( 'the wiki can be edited' );
	}

	/**
	 * Waits until every connection of web and job Pods that is open now has closed, then repeats once: a request that began before
	 * the wiki became read-only may not have connected yet.
	 */
	public function waitForRequests( mysqli $ours ): void {
		$web = Database::connect( 'web' );
		$own = [ $web->thread_id, $ours->thread_id ];
		$open = static fn () => array_diff( array_column( $web->query( 'SHOW PROCESSLIST' )->fetch_all(), 0 ), $own );
		$until = time() + self::TIMEOUT;
		for ( $rounds = 0; $rounds < 2; $rounds++ ) {
			for ( $waiting = $open(); $waiting = array_intersect( $waiting, $open() ); usleep( 100_000 ) ) {
				if ( time() > $until ) {
					throw new PermanentFailure( count( $waiting ) . ' requests that may edit are still running after ' . self::TIMEOUT
						. ' seconds; try again' );
				}
			}
		}
	}

	private function file(): string {
		return Image::readOnlyFile( $this->version );
	}
}
