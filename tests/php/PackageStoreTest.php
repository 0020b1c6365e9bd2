<?php
declare( strict_types=1 );

class PackageStoreTest extends FolderTestCase {
	private PackageStore $store;

	protected function setUp(): void {
		parent::setUp();
		mkdir( "$this->folder/packages" );
		$this->store = new PackageStore( "$this->folder/packages" );
		$this->write( 'in/Soup/extension.json', '{}' );
		exec( "cd $this->folder/in && tar -czf ../soup.tar.gz Soup" );
	}

	/** Stores the archive under a hash. */
	private function add( string $hash, ?callable $check = null ): void {
		$this->store->add( $hash, fn ( $file ) => copy( "$this->folder/soup.tar.gz", $file ), $check ?? static fn () => null );
	}

	private function names(): array {
		return array_map( 'basename', glob( "$this->folder/packages/{*,.part*}", GLOB_BRACE ) );
	}

	public function testAnArchiveIsStoredWithItsFiles(): void {
		$hash = hash_file( 'sha256', "$this->folder/soup.tar.gz" );
		$this->assertFalse( $this->store->has( $hash ) );
		$checked = '';
		$this->add( $hash, static function ( $folder ) use ( &$checked ) {
			$checked = file_get_contents( "$folder/extension.json" );
		} );
		$this->assertSame( '{}', $checked );
		$this->assertTrue( $this->store->has( $hash ) );
		$this->assertFileExists( $this->store->files( $hash ) . '/extension.json' );
		$this->assertFileEquals( "$this->folder/soup.tar.gz", $this->store->archive( $hash ) );
		$this->assertSame( [ $hash ], $this->names() );
	}

	public function testNothingUnsoundIsStored(): void {
		$other = str_repeat( '0', 64 );
		$hash = hash_file( 'sha256', "$this->folder/soup.tar.gz" );
		$this->assertStringContainsString( "its sha256 is $hash, and not $other", $this->failure( fn () => $this->add( $other ) ) );
		$unsound = static fn () => throw new PermanentFailure( 'unsound' );
		$this->assertSame( 'unsound', $this->failure( fn () => $this->add( $hash, $unsound ) ) );
		$this->assertSame( [], $this->names() );
	}

	public function testAFolderThatTheKubeletHasCreatedIsReplaced(): void {
		$hash = hash_file( 'sha256', "$this->folder/soup.tar.gz" );
		mkdir( $this->store->files( $hash ), recursive: true );
		$this->assertFalse( $this->store->has( $hash ) );
		$this->add( $hash );
		$this->assertTrue( $this->store->has( $hash ) );
	}

	public function testWhatIsNotUsedIsDeleted(): void {
		[ $used, $unused ] = [ str_repeat( 'a', 64 ), str_repeat( 'b', 64 ) ];
		foreach ( [ $used, $unused, 'lost+found' ] as $name ) {
			$this->write( "packages/$name/archive", '' );
		}
		$this->store->prune( [ $used ] );
		$this->assertSame( [ $used, 'lost+found' ], $this->names() );
	}

	public function testWhatAKilledProgramHasLeftIsDeleted(): void {
		$this->write( 'packages/.part-0123/archive', '' );
		$lock = $this->store->lock();
		$this->assertSame( [], $this->names() );
		$other = fopen( "$this->folder/packages/.lock", 'c' );
		$this->assertFalse( flock( $other, LOCK_EX | LOCK_NB ), 'one at a time' );
		fclose( $lock );
		$this->assertTrue( flock( $other, LOCK_EX | LOCK_NB ) );
	}
}
