<?php
declare( strict_types=1 );

class ManifestTest extends FolderTestCase {
	/** @dataProvider manifests */
	public function testManifestThatIsNotWholeIsRefused( string $want, ?string $text ): void {
		$archive = $this->backup( '20260101T000000Z' );
		unlink( "$archive->path/manifest.json" );
		if ( $text !== null ) {
			$this->write( '20260101T000000Z/manifest.json', $text );
		}
		$reason = $this->failure( static fn () => Archive::open( $archive->path ) );
		$this->assertStringStartsWith( '20260101T000000Z ', $reason );
		$this->assertStringContainsString( $want, $reason );
	}

	public function manifests(): array {
		$facts = [ 'format' => 1, 'number' => 1, 'at' => '2026-01-01T00:00:00+00:00' ] + self::FACTS
			+ [ 'checksums' => array_fill_keys( [ 'database.sql.zst', 'uploads.sha256' ], str_repeat( '0', 64 ) ) ];
		$cases = [
			'none' => [ 'has no manifest.json', null ],
			'empty' => [ 'is not a manifest', '' ],
			'truncated' => [ 'is not a manifest', '{"form' ],
			'zeros' => [ 'is not a manifest', str_repeat( "\0", 500 ) ],
			'not an object' => [ 'is not a manifest', '7' ],
			'no format' => [ 'is not a manifest', '{}' ],
			'only a format' => [ '"at" is missing or not valid', '{"format": 1}' ],
			'a later format' => [ 'newer version of mediawiki-stack', '{"format": 2}' ],
		];
		foreach ( array_keys( self::FACTS ) as $key ) {
			$cases["without $key"] = [ "\"$key\" is missing", json_encode( array_diff_key( $facts, [ $key => 1 ] ) ) ];
		}
		$wrong = [
			'number' => -1, 'at' => 'yesterday or so', 'wiki' => 'a b', 'mediawiki' => 1.43, 'rows' => [ 'page' => 1, 'revision' => 1 ],
			'uploads' => 'none', 'database' => [ 'bytes' => '7' ], 'namespaces' => 'all', 'checksums' => [ 'database.sql.zst' => 'x' ],
		];
		foreach ( $wrong as $key => $value ) {
			$cases["another $key"] = [ "\"$key\" is missing or not valid", json_encode( [ $key => $value ] + $facts ) ];
		}
		$rows = [ '`; DROP TABLE page' => 1 ] + self::FACTS['rows'];
		$cases['a table that is none'] = [ '"rows" is missing or not valid', json_encode( [ 'rows' => $rows ] + $facts ) ];
		return $cases;
	}

	public function testFolderInPlaceOfTheManifestIsNoManifest(): void {
		$archive = $this->backup( '20260101T000000Z' );
		unlink( "$archive->path/manifest.json" );
		mkdir( "$archive->path/manifest.json" );
		$reason = $this->failure( static fn () => Archive::open( $archive->path ) );
		$this->assertStringContainsString( 'no manifest.json that can be read', $reason );
	}
}
