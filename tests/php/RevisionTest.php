<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

class RevisionTest extends TestCase {
	public function testOnlyNotesOfFormerRevisionsAreDeleted(): void {
		$ages = [ 'revision:now' => 0, 'preload:now' => 0, 'schema' => 400, 'wiki' => 900 ];
		for ( $i = 1; $i <= 12; $i++ ) {
			foreach ( [ 'revision', 'preload', 'namespaces' ] as $note ) {
				$ages["$note:$i"] = 40 * $i;
			}
		}
		$former = array_filter( array_keys( $ages ), static fn ( $name ) => preg_match( '/:1[012]$/', $name ) );
		$this->assertSame( array_values( $former ), Revision::former( $ages ), 'all but the newest ten revisions' );
		$young = array_map( static fn () => 30, $ages );
		$this->assertSame( [], Revision::former( $young ), 'nothing of the last month' );
		$this->assertSame( [], Revision::former( [ 'wiki' => 900 ] ) );
	}
}
