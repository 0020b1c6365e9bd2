<?php
declare( strict_types=1 );

class BackupFinderTest extends FolderTestCase {
	private const OLD = [ 'name' => '20260101T000000Z', 'number' => 1 ];
	private const NEW = [ 'name' => '20260102T000000Z', 'number' => 2 ];
	private const FUTURE = [ 'name' => '20990101T000000Z', 'number' => 0 ];

	/** @dataProvider choices */
	public function testChoosesTheNewestOfAll( ?string $want, string $name, array $here, array $copies ): void {
		$this->assertSame( $want, BackupFinder::choose( $name, $here, $copies )['name'] ?? null );
	}

	public function choices(): array {
		return [
			'nothing' => [ null, '', [], [] ],
			'only here' => [ self::NEW['name'], '', [ self::NEW, self::OLD ], [] ],
			'only copies' => [ self::NEW['name'], '', [], [ self::NEW, self::OLD ] ],
			'the newest is here' => [ self::NEW['name'], '', [ self::NEW ], [ self::OLD ] ],
			'the newest is a copy' => [ self::NEW['name'], '', [ self::OLD ], [ self::NEW, self::OLD ] ],
			'an old name with a newer number' => [
				'20200101T000000Z', '', [ self::NEW ], [ [ 'name' => '20200101T000000Z', 'number' => 3 ] ],
			],
			'from the future without a number' => [ self::OLD['name'], '', [ self::OLD ], [ self::FUTURE ] ],
			'by name, here' => [ self::OLD['name'], self::OLD['name'], [ self::NEW, self::OLD ], [] ],
			'by name, a copy' => [ self::OLD['name'], self::OLD['name'], [ self::NEW ], [ self::OLD ] ],
			'a name that does not exist' => [ null, '20010101T000000Z', [ self::NEW ], [ self::OLD ] ],
		];
	}

	private function finder(): BackupFinder {
		return new BackupFinder( new BackupVolume( $this->folder ), null );
	}

	public function testWithoutARepositoryTheVolumeHasAll(): void {
		$this->assertStringContainsString( 'there is no backup', $this->failure( fn () => $this->finder()->find( '' ) ) );
		$this->backup( self::OLD['name'], number: 1 );
		$this->backup( self::NEW['name'], number: 2 );
		$this->assertSame( self::NEW['name'], $this->finder()->findWhole( '' )->name() );
		$this->assertSame( self::OLD['name'], $this->finder()->findWhole( self::OLD['name'] )->name() );
		$this->assertStringContainsString( 'there are: ' . self::NEW['name'], $this->failure( fn () => $this->finder()->find( 'x' ) ) );
	}

	/** @dataProvider damages */
	public function testDamagedBackupIsRefusedAndTheNewestGoodOneNamed( string $file, string $text ): void {
		$this->backup( self::OLD['name'], number: 1 );
		$this->write( $this->backup( self::NEW['name'], number: 2 )->name() . "/$file", $text );
		foreach ( [ '', self::NEW['name'] ] as $name ) {
			$reason = $this->failure( fn () => $this->finder()->findWhole( $name ) );
			$this->assertStringContainsString( self::NEW['name'] . ' is damaged', $reason );
			$this->assertStringContainsString( 'without known damage is ' . self::OLD['name'] . ', not proven yet', $reason );
		}
		$this->assertSame( self::OLD['name'], $this->finder()->findWhole( self::OLD['name'] )->name(), 'by its name' );
	}

	public function damages(): array {
		return [
			'a changed dump, of which nobody knows' => [ 'database.sql.zst', "zeros!\n" ],
			'a truncated dump' => [ 'database.sql.zst', 'a' ],
			'a changed list' => [ 'uploads.sha256', 'x' ],
			'an incomplete manifest' => [ 'manifest.json', '{"format":1}' ],
			'an empty manifest' => [ 'manifest.json', '' ],
		];
	}

	public function testWhereEveryBackupIsDamagedEachReasonIsSaid(): void {
		foreach ( [ self::OLD, self::NEW ] as $backup ) {
			unlink( $this->backup( $backup['name'], number: $backup['number'] )->path . '/uploads.sha256' );
		}
		$reason = $this->failure( fn () => $this->finder()->findWhole( '' ) );
		$this->assertStringContainsString( 'there is no backup that can be restored', $reason );
		$this->assertStringContainsString( self::OLD['name'] . ' is damaged', $reason );
		$this->assertStringContainsString( self::NEW['name'] . ' is damaged', $reason );
	}
}
