<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

/** A test with a temporary folder, and without the output of programs. */
abstract class FolderTestCase extends TestCase {
	protected string $folder;

	protected function setUp(): void {
		$this->folder = sys_get_temp_dir() . '/mediawiki-stack-' . bin2hex( random_bytes( 6 ) );
		mkdir( $this->folder );
		$this->setOutputCallback( static fn () => '' );
	}

	protected function tearDown(): void {
		Disk::deleteTree( $this->folder );
	}

	/** Writes a file, and the folders above it. */
	protected function write( string $file, string $text, ?int $time = null ): string {
		$path = "$this->folder/$file";
		if ( !is_dir( dirname( $path ) ) ) {
			mkdir( dirname( $path ), recursive: true );
		}
		file_put_contents( $path, $text );
		if ( $time !== null ) {
			touch( $path, $time );
		}
		return $path;
	}

	/** What a manifest has besides checksums. */
	protected const FACTS = [
		'wiki' => '0123', 'schema' => '1.43.9 Cite', 'mediawiki' => '1.43.9', 'rows' => [ 'page' => 2, 'revision' => 3, 'user' => 1 ],
		'uploads' => [ 'files' => 1, 'bytes' => 1 ], 'database' => [ 'bytes' => 7 ],
	];

	/** Makes a backup with a name and uploads, by path, of the wiki with an identity. */
	protected function backup( string $name, array $uploads = [], int $number = 1, string $wiki = '0123' ): Archive {
		$part = "$this->folder/.part-backup";
		mkdir( $part );
		file_put_contents( "$part/database.sql.zst", "a dump\n" );
		$sums = '';
		foreach ( $uploads as $file => $text ) {
			$this->write( ".part-backup/uploads/$file", $text, 1_700_000_000 );
			$sums .= Archive::uploadLine( "uploads/$file", hash( 'sha256', $text ) );
		}
		file_put_contents( "$part/uploads.sha256", $sums );
		$facts = [ 'uploads' => [ 'files' => count( $uploads ), 'bytes' => 1 ] ] + [ 'wiki' => $wiki ] + self::FACTS;
		return Archive::seal( $part, "$this->folder/$name", $number, $facts );
	}

	/** Runs a function that has to fail, and returns the reason. */
	protected function failure( callable $function ): string {
		try {
			$function();
		} catch ( PermanentFailure $e ) {
			return $e->getMessage();
		}
		$this->fail( 'it does not fail' );
	}
}
