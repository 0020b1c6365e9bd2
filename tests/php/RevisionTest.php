<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

class RevisionTest extends TestCase {
	public function testPackagesOfTheNewestRevisionsAreInUse(): void {
		$notes = $this->createStub( Notes::class );
		$notes->method( 'ages' )->willReturn( [ 'packages:c' => 0, 'revision:c' => 0, 'packages:b' => 1, 'packages:a' => 2 ] );
		$notes->method( 'get' )->willReturnMap( [
			[ 'packages:c', '{"Soup":"03","Spoon":"09"}' ], [ 'packages:b', '{}' ], [ 'packages:a', '{"Soup":"01"}' ],
		] );
		$this->assertSame( [ '03', '09' ], Revision::packages( $notes, 2 ) );
		$this->assertSame( [ '03', '09', '01' ], Revision::packages( $notes, 3 ) );
		$none = $this->createStub( Notes::class );
		$none->method( 'ages' )->willReturn( [ 'schema' => 0 ] );
		$this->assertSame( [], Revision::packages( $none, 3 ) );
	}

	public function testOnlyNotesOfFormerRevisionsAreDeleted(): void {
		$ages = [ 'revision:now' => 0, 'preload:now' => 0, 'schema' => 400, 'wiki' => 900 ];
		for ( $i = 1; $i <= 12; $i++ ) {
			foreach ( [ 'revision', 'preload', 'namespaces', 'packages' ] as $note ) {
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
