<?php
declare( strict_types=1 );

class BackupFinderTest extends FolderTestCase {
	private const OLD = [ 'name' => '20260101T000000Z', 'number' => 1 ];
	private const NEW = [ 'name' => '20260102T000000Z', 'number' => 2 ];
	private const FUTURE = [ 'name' => '20990101T000000Z', 'number' => 0 ];

	/** @dataProvider choices */
	public function testChoosesTheNewestOfAll( ?string $want, string $name, array $here, array $copies ): void {
		$this->assertSame( $want, BackupFinder::choose( $name, $here, $copies ) );
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

	public function testWithoutARepositoryTheVolumeHasAll(): void {
		$this->backup( self::OLD['name'], number: 1 );
		$this->backup( self::NEW['name'], number: 2 );
		$finder = new BackupFinder( new BackupVolume( $this->folder ), null );
		$this->assertSame( self::NEW['name'], $finder->find( '' )->name() );
		$this->assertSame( self::OLD['name'], $finder->find( self::OLD['name'] )->name() );
		$this->assertStringContainsString( 'there are: ' . self::OLD['name'], $this->failure( static fn () => $finder->find( 'x' ) ) );
	}
}
