<?php
declare( strict_types=1 );

/** Checks an extension or a skin before MediaWiki loads it. MediaWiki itself checks "requires" in extension.json and skin.json. */
class PackageCheck {
	private const FILES = [ 'extensions' => 'extension.json', 'skins' => 'skin.json' ];
	/** Requirements of composer.json that are no libraries. */
	private const PLATFORM = '~^(?:php(?:-.*)?|hhvm|ext-.*|lib-.*|composer(?:-.*)?|composer/installers)$~D';

	/**
	 * @param string $root of MediaWiki, without packages
	 * @param string $kind "extensions" or "skins"
	 */
	public function __construct( private readonly string $root, private readonly string $name, private readonly string $kind ) {
	}

	/** Fails if the image bundles an extension or a skin of this name: the package would hide it. */
	public function checkName(): void {
		if ( file_exists( "$this->root/$this->kind/$this->name" ) ) {
			throw new PermanentFailure( "the image has $this->kind/$this->name already: use that one without a package, or give the "
				. 'package another name' );
		}
	}

	/** Fails if a folder is no extension or skin, or lacks libraries. */
	public function checkFiles( string $folder ): void {
		$file = self::FILES[$this->kind];
		if ( !is_file( "$folder/$file" ) ) {
			foreach ( array_diff_key( self::FILES, [ $this->kind => 1 ] ) as $other => $theirs ) {
				if ( is_file( "$folder/$theirs" ) ) {
					throw new PermanentFailure( "it has $theirs and no $file: name it in $other instead of $this->kind" );
				}
			}
			throw new PermanentFailure( "it has no $file, neither at its top nor in its only folder" );
		}
		if ( !is_array( json_decode( (string)file_get_contents( "$folder/$file" ), true ) ) ) {
			throw new PermanentFailure( "its $file is not valid JSON: " . json_last_error_msg() );
		}
		$this->checkLibraries( $folder );
	}

	/** Fails if Composer has to install libraries. MediaWiki would start, and fail when it needs one of their classes. */
	private function checkLibraries( string $folder ): void {
		if ( !is_file( "$folder/composer.json" ) || is_file( "$folder/vendor/autoload.php" ) ) {
			return;
		}
		$composer = json_decode( (string)file_get_contents( "$folder/composer.json" ), true );
		$required = array_keys( is_array( $composer['require'] ?? null ) ? $composer['require'] : [] );
		$libraries = preg_grep( self::PLATFORM, array_map( 'strval', $required ), PREG_GREP_INVERT );
		$missing = array_udiff( $libraries, $this->bundledLibraries(), 'strcasecmp' );
		if ( $missing ) {
			throw new PermanentFailure( 'its composer.json requires ' . implode( ', ', $missing ) . ', and neither its vendor/ nor '
				. "MediaWiki's has them. Unpack it, run in its folder: composer update --no-dev, and pack it again with vendor/" );
		}
	}

	/** @return string[] names of the libraries that MediaWiki has */
	private function bundledLibraries(): array {
		$installed = json_decode( (string)@file_get_contents( "$this->root/vendor/composer/installed.json" ), true );
		return array_column( $installed['packages'] ?? $installed ?? [], 'name' );
	}
}
