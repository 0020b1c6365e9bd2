<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

class LocksTest extends TestCase {
	/** In different orders, two programs could wait for each other for ever. */
	public function testTheVolumeIsLockedBeforeTheDatabase(): void {
		$found = 0;
		foreach ( glob( dirname( __DIR__, 2 ) . '/components/files/mediawiki/{bin,src}/*.php', GLOB_BRACE ) as $file ) {
			$text = file_get_contents( $file );
			$volume = strpos( $text, '->lock()' );
			$database = strpos( $text, 'MigrationLock::acquire(' );
			if ( $volume !== false && $database !== false ) {
				$this->assertLessThan( $database, $volume, $file );
				$found++;
			}
		}
		$this->assertGreaterThanOrEqual( 4, $found, 'programs that take both locks' );
	}
}
